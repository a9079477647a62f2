using System.Globalization;
using Tieline.Client.Http;
using Tieline.Protocol;
using Tieline.Protocol.Findings;

namespace Tieline.Client.Diagnoses;

/// <summary>What the probes have seen so far.</summary>
/// <param name="Socket">How the handshake failed; null while it hangs.</param>
/// <param name="Flapping">Sockets open and die young.</param>
/// <param name="Test">How GET /api/chat/test failed; null where it was answered as it should be, or not asked yet.</param>
/// <param name="Seen">Whether the handshake reached the server; null where that is not known.</param>
/// <param name="UpgradeSeen">Whether it still had its Upgrade header there.</param>
internal sealed record Evidence(Uri Server, Guid Attempt, Failure? Socket, bool Flapping, Failure? Test = null, bool? Seen = null, bool? UpgradeSeen = null);

/// <summary>Turns evidence into a sentence for the person and one for the operator. Every code of the client stands here.</summary>
internal static class Explain
{
    private const string NotRightNow = "Chat is not available right now.";
    private const string ProxyLines = "For nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade; "
        + "in a `location /api/chat/ws/` of its own. `tieline proxy nginx` prints the whole configuration, `tieline doctor` looks for the place.";

    public static Diagnosis From(Evidence seen)
    {
        if (seen.Socket is { IsUnauthorized: true } refused) return SignedOut(refused) with { Attempt = seen.Attempt };
        var (code, user, operatorText) = FromTest(seen) ?? FromSocket(seen);
        // The doctor's words for the same fault, so that one remedy is not told in two ways.
        if (ClientFindings.Of(code) is { } known) operatorText = $"{operatorText} {known.Sentence}";
        return new Diagnosis(code, user, operatorText, seen.Socket?.Kind == FailureKind.Status ? seen.Socket.Status : null, seen.Attempt);
    }

    public static Diagnosis SignedOut(Failure failure) => new("auth", "Please sign in again.",
        $"The token was refused: {failure.Text}. Look at its expiry, its key and whether the account exists.", failure.Status, Guid.Empty);

    /// <summary>A server that is not reached at all, or is another one, explains the WebSocket too.</summary>
    private static (string, string, string)? FromTest(Evidence seen) => seen.Test switch
    {
        null => null,
        { Kind: FailureKind.Tls } tls => ("tls", NotRightNow,
            $"The certificate of {seen.Server.Host} was not accepted: {tls.Text}. Look at its name, its expiry and whether the chain is complete."),
        { Kind: FailureKind.Status or FailureKind.Garbled } other => ("wrong_backend", NotRightNow,
            $"GET {seen.Server.AbsolutePath}api/chat/test was not answered by Tieline ({other.Text}{By(other)}): the path /api/chat/ goes to another backend. "
            + "Put its location before the one for /, and check the upstream's address."),
        var network => ("offline", "No connection. Your message will be sent when you are back.",
            $"{seen.Server.Authority} is not reached: {network.Text}. Is the server running, is the address right, is this machine online?"),
    };

    private static (string, string, string) FromSocket(Evidence seen) => seen.Socket switch
    {
        _ when seen.Flapping => ("flapping", "", "WebSockets open and are cut within seconds, so the stream is used. Something between inspects or limits long connections; compare its idle timeout with 20 s."),
        { IsBusy: true } busy => ("busy", "Busy, trying again.", $"The server asks to wait: {busy.Text}{(busy.RetryAfter is { } wait ? string.Create(CultureInfo.InvariantCulture, $", {wait.TotalSeconds:0} s") : "")}."),
        { Status: 426 } => ("upgrade_stripped", "", "The handshake reached the server without its Upgrade header (426). A proxy in between does not pass it on. " + ProxyLines),
        { Status: 101 } bad => ("bad_handshake", "", $"The answer to the handshake is {bad.Text}. Something between rewrites it. " + ProxyLines),
        { Kind: FailureKind.Status, Status: >= 300 and < 400 } redirect => ("redirected", "", $"The handshake is redirected: {redirect.Text}{By(redirect)}. Give the client the final address (https instead of http, with or without www)."),
        { Kind: FailureKind.Status, FromTieline: true } own => (Refused(own), "", $"Tieline itself refused the handshake: {own.Text}. Its log has the reason under attempt {seen.Attempt}."),
        { Kind: FailureKind.Status } proxy => ("refused_before_server", "", $"A proxy answered the handshake itself: {proxy.Text}{By(proxy)}. " + ProxyLines),
        { Kind: FailureKind.Closed } closed => ("closed", "", $"The socket opened and was {closed.Text}."),
        { Kind: FailureKind.Network or FailureKind.Tls } cut => ("refused_before_server", "", $"The handshake was cut ({cut.Text}) although plain HTTP works: a firewall or proxy between does not let WebSockets through. " + ProxyLines),
        _ when seen is { Seen: true, UpgradeSeen: false } => ("upgrade_stripped", "", "The handshake reached the server without its Upgrade header. " + ProxyLines),
        _ when seen.Seen == true => ("upgraded_but_silent", "", "The handshake reached the server, but no frame came back: something between buffers or holds WebSocket frames. Look for a virus scanner, an inspecting proxy, or HTTP/2 in front without extended CONNECT."),
        _ when seen.Seen == false => ("held_before_server", "", "The handshake never reached the server, although plain HTTP does: something between holds it, a proxy without WebSocket support or TLS inspection. " + ProxyLines),
        _ => ("slow", "", "The WebSocket has not answered yet; plain HTTP is used until it does."),
    };

    private static string Refused(Failure own) => own.Error is { } error && error.Code != WireError.UpgradeRequired.Code
        ? error.Code : string.Create(CultureInfo.InvariantCulture, $"refused_{own.Status}");

    private static string By(Failure failure) => failure.ServerHeader is { } server ? ", by " + server : "";
}
