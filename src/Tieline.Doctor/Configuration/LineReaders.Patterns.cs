using System.Text.RegularExpressions;

namespace Tieline.Doctor.Configuration;

internal sealed partial class LineReader
{
    [GeneratedRegex(@"(?m)^\s*vcl\s+4\.\d\s*;")]
    private static partial Regex Vcl();

    [GeneratedRegex(@"(upgrade|ws)[^\n]*\n?[^\n]*return\s*\(\s*(pass|hash)\s*\)", RegexOptions.IgnoreCase)]
    private static partial Regex PassNotPipe();

    [GeneratedRegex(@"return\s*\(\s*pipe\s*\)")]
    private static partial Regex Pipe();

    [GeneratedRegex(@"set\s+bereq\.http\.upgrade\s*=", RegexOptions.IgnoreCase)]
    private static partial Regex PipeCopies();

    [GeneratedRegex(@"set\s+bereq\.http\.connection\s*=\s*req\.http", RegexOptions.IgnoreCase)]
    private static partial Regex PipeConnection();

    [GeneratedRegex(@"set\s+(be)?req\.url\s*=")]
    private static partial Regex SetUrl();

    [GeneratedRegex(@"synth\s*\(\s*503")]
    private static partial Regex Synth503();

    [GeneratedRegex(@"synth\s*\(\s*403")]
    private static partial Regex Synth403();

    [GeneratedRegex(@"ws[^\n]*return\s*\(\s*hash\s*\)")]
    private static partial Regex Lookup();

    [GeneratedRegex(@"pipe_timeout\s*=?\s*\d+")]
    private static partial Regex PipeTimeout();

    [GeneratedRegex(@"(?m)^\s*server\.(port|modules|document-root)\s*")]
    private static partial Regex Lighttpd();

    [GeneratedRegex(@"""upgrade""\s*=>\s*""enable""")]
    private static partial Regex LightUpgrade();

    [GeneratedRegex(@"url\.rewrite[\w-]*\s*=|""map-urlpath""\s*=>")]
    private static partial Regex LightRewrite();

    [GeneratedRegex(@"url\.redirect\s*=[^\n]*https")]
    private static partial Regex LightRedirect();

    [GeneratedRegex(@"url\.access-deny|access\.deny-all\s*=\s*""enable""")]
    private static partial Regex LightDeny();

    [GeneratedRegex(@"auth\.require\s*=")]
    private static partial Regex LightAuth();

    [GeneratedRegex(@"server\.max-(read|write)-idle\s*=\s*([1-9]|1\d|2[0-4])\b")]
    private static partial Regex LightTimes();

    [GeneratedRegex(@"\$HTTP\[""url""\]\s*(==|=~)\s*""[^""]*""")]
    private static partial Regex LightCondition();

    [GeneratedRegex(@"(server\.max-connections|evasive\.max-conns-per-ip)\s*=\s*\d+")]
    private static partial Regex LightLimit();

    [GeneratedRegex(@"(?m)^\s*hosts:\s*$|proxy\.reverse\.url")]
    private static partial Regex H2o();

    [GeneratedRegex(@"proxy\.websocket:\s*ON", RegexOptions.IgnoreCase)]
    private static partial Regex H2oSocket();

    [GeneratedRegex(@"proxy\.websocket\.timeout:\s*\d{1,4}\b")]
    private static partial Regex H2oTimeout();

    [GeneratedRegex(@"proxy\.preserve-host:\s*ON", RegexOptions.IgnoreCase)]
    private static partial Regex H2oHost();

    [GeneratedRegex(@"proxy\.reverse\.url:\s*""?https://")]
    private static partial Regex H2oTls();

    [GeneratedRegex(@"redirect:\s*[^\n]*https")]
    private static partial Regex H2oRedirect();

    [GeneratedRegex(@"(?m)^\s*pem-file\s*=")]
    private static partial Regex Hitch();

    [GeneratedRegex(@"write-(proxy|ip|proxy-v1|proxy-v2)\s*=\s*on")]
    private static partial Regex HitchProxy();

    [GeneratedRegex(@"alpn-protos\s*=\s*""[^""]*h2")]
    private static partial Regex HitchAlpn();

    [GeneratedRegex(@"tls-protos\s*=\s*TLSv1\.[01]\s*$", RegexOptions.Multiline)]
    private static partial Regex HitchOld();

    [GeneratedRegex(@"(?m)^\s*accept\s*=[\s\S]*^\s*connect\s*=")]
    private static partial Regex Stunnel();

    [GeneratedRegex(@"(?m)^\s*protocol\s*=\s*proxy")]
    private static partial Regex StunnelProxy();

    [GeneratedRegex(@"(?m)^\s*(verify\s*=\s*[1-4]|verifyPeer\s*=\s*yes|verifyChain\s*=\s*yes|requireCert\s*=\s*yes)")]
    private static partial Regex StunnelVerify();

    [GeneratedRegex(@"(?m)^\s*TIMEOUTidle\s*=\s*\d{1,2}\s*$")]
    private static partial Regex StunnelIdle();

    [GeneratedRegex(@"(?m)^\s*http_port\s")]
    private static partial Regex Squid();

    [GeneratedRegex(@"http_upgrade_request_protocols")]
    private static partial Regex SquidUpgrade();

    [GeneratedRegex(@"http_access\s+deny\s+CONNECT")]
    private static partial Regex SquidConnect();

    [GeneratedRegex(@"proxy_auth\s+REQUIRED")]
    private static partial Regex SquidAuth();
}
