using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tieline.Server.Tests.Bus;

/// <summary>An authority that no system knows, and what it signed for 127.0.0.1, as files.</summary>
internal sealed class RedisCertificates : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tieline-redis-tls-").FullName;

    public RedisCertificates(string name = "127.0.0.1")
    {
        var now = DateTimeOffset.UtcNow;
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = new CertificateRequest("CN=Redis authority", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var root = rootRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=redis", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address)) names.AddIpAddress(address);
        else names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var certificate = request.Create(root, now.AddDays(-1), now.AddDays(1), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(Authority, root.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, "redis.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, "redis.key"), key.ExportPkcs8PrivateKeyPem());
    }

    public string Authority => Path.Combine(_folder, "authority.pem");

    public string[] Options(int port) =>
        ["--tls-port", $"{port}", "--tls-cert-file", Path.Combine(_folder, "redis.pem"), "--tls-key-file", Path.Combine(_folder, "redis.key"), "--tls-ca-cert-file", Authority, "--tls-auth-clients", "no"];

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
