using System.Security.Cryptography.X509Certificates;

namespace Tieline.Doctor.Probes;

/// <summary>What is wrong with a certificate, by the first thing that must be put right.</summary>
internal enum CertificateFlaw { None, Name, Expired, NotYetValid, SelfSigned, ChainIncomplete, Untrusted }

/// <summary>What the TLS handshake showed.</summary>
internal sealed record TlsReport
{
    public CertificateFlaw Flaw { get; init; }

    /// <summary>Names the certificate is for.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    public string Issuer { get; init; } = "";
    public DateTime NotBefore { get; init; }
    public DateTime NotAfter { get; init; }
    public string Protocol { get; init; } = "";

    /// <summary>The protocol that the server chose by ALPN; empty when none.</summary>
    public string Alpn { get; init; } = "";

    /// <summary>Number of the alert the server sent (RFC 8446 section 6); -1 when none was seen.</summary>
    public int Alert { get; init; } = -1;

    /// <summary>The server asked for a client certificate.</summary>
    public bool AsksForCertificate { get; init; }

    public static TlsReport Of(X509Certificate2 leaf, X509Certificate2Collection sent, X509Certificate2Collection trusted, string host)
    {
        var names = NamesOf(leaf);
        return new TlsReport
        {
            Names = names,
            Issuer = leaf.GetNameInfo(X509NameType.SimpleName, true),
            NotBefore = leaf.NotBefore.ToUniversalTime(),
            NotAfter = leaf.NotAfter.ToUniversalTime(),
            Flaw = FlawOf(leaf, sent, trusted, host),
        };
    }

    private static CertificateFlaw FlawOf(X509Certificate2 leaf, X509Certificate2Collection sent, X509Certificate2Collection trusted, string host)
    {
        if (!leaf.MatchesHostname(host)) return CertificateFlaw.Name;
        var now = DateTime.UtcNow;
        if (leaf.NotAfter.ToUniversalTime() < now) return CertificateFlaw.Expired;
        if (leaf.NotBefore.ToUniversalTime() > now) return CertificateFlaw.NotYetValid;
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        // What the server left out must not be fetched behind its back: browsers differ in doing so, apps do not.
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ExtraStore.AddRange(sent);
        if (trusted.Count > 0)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(trusted);
        }
        if (chain.Build(leaf)) return CertificateFlaw.None;
        if (leaf.SubjectName.RawData.AsSpan().SequenceEqual(leaf.IssuerName.RawData)) return CertificateFlaw.SelfSigned;
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, s) => all | s.Status);
        if (status.HasFlag(X509ChainStatusFlags.PartialChain)) return CertificateFlaw.ChainIncomplete;
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid)) return CertificateFlaw.Expired;
        return CertificateFlaw.Untrusted;
    }

    private static List<string> NamesOf(X509Certificate2 leaf)
    {
        var san = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        List<string> names = san is null ? [] : [.. san.EnumerateDnsNames(), .. san.EnumerateIPAddresses().Select(a => a.ToString())];
        if (names.Count == 0) names.Add(leaf.GetNameInfo(X509NameType.SimpleName, false));
        return names;
    }
}
