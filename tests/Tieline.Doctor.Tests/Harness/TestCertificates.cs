using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tieline.Doctor.Tests.Harness;

/// <summary>A root, an intermediate and leaves, made once per test run in memory and written where proxies read them.</summary>
internal sealed class TestCertificates
{
    private static readonly Lazy<TestCertificates> _once = new(() => new TestCertificates());

    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _between;
    private readonly Dictionary<string, (X509Certificate2 Certificate, string Chain, string Key)> _leaves = [];

    public static TestCertificates Shared => _once.Value;

    private TestCertificates()
    {
        var now = DateTimeOffset.UtcNow;
        using var rootKey = RSA.Create(2048);
        var root = Request("CN=Doctor test root", rootKey, authority: true);
        _root = root.CreateSelfSigned(now.AddYears(-3), now.AddYears(3));
        using var betweenKey = RSA.Create(2048);
        _between = Request("CN=Doctor test intermediate", betweenKey, authority: true).Create(_root, now.AddYears(-2), now.AddYears(2), [1, 2, 3]).CopyWithPrivateKey(betweenKey);
        Leaf("chat", "chat.test", now.AddDays(-1), now.AddDays(100));
        Leaf("other", "other.test", now.AddDays(-1), now.AddDays(100));
        Leaf("expired", "chat.test", now.AddDays(-100), now.AddDays(-10));
        Leaf("future", "chat.test", now.AddDays(10), now.AddDays(100));
        Leaf("alone", "chat.test", now.AddDays(-1), now.AddDays(100), sendBetween: false);
        using var selfKey = RSA.Create(2048);
        var self = Request("CN=chat.test", selfKey, authority: false, "chat.test").CreateSelfSigned(now.AddDays(-1), now.AddDays(100));
        _leaves["self"] = (self, self.ExportCertificatePem(), selfKey.ExportPkcs8PrivateKeyPem());
    }

    public X509Certificate2Collection Roots => [_root];

    public X509Certificate2 Certificate(string name) => _leaves[name].Certificate;

    public void WriteInto(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "ca.pem"), _root.ExportCertificatePem());
        foreach (var (name, (_, chain, key)) in _leaves)
        {
            File.WriteAllText(Path.Combine(folder, name + ".pem"), chain);
            File.WriteAllText(Path.Combine(folder, name + ".key"), key);
            File.WriteAllText(Path.Combine(folder, name + ".bundle.pem"), key + "\n" + chain);
        }
    }

    private void Leaf(string name, string host, DateTimeOffset from, DateTimeOffset to, bool sendBetween = true)
    {
        using var key = RSA.Create(2048);
        using var bare = Request("CN=" + host, key, authority: false, host).Create(_between, from, to, RandomNumberGenerator.GetBytes(8));
        using var whole = bare.CopyWithPrivateKey(key);
        var chain = bare.ExportCertificatePem() + "\n" + (sendBetween ? _between.ExportCertificatePem() + "\n" : "");
        // SslStream serves keys that were loaded from a store format only.
        _leaves[name] = (X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null), chain, key.ExportPkcs8PrivateKeyPem());
    }

    private static CertificateRequest Request(string subject, RSA key, bool authority, string? host = null)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(authority ? X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign : X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, true));
        if (host is null) return request;
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request;
    }
}
