namespace Tieline.Protocol.Findings;

/// <summary>
/// What a client's diagnosis has in common with the catalogue. A client sees less than the doctor: where one of its codes can
/// have several causes, it stands for none of them and is left out here.
/// </summary>
public static class ClientFindings
{
    /// <summary>The client's code and the entry that says the same, ordered by the client's code.</summary>
    public static IReadOnlyList<(string Diagnosis, FindingEntry Entry)> All { get; } =
    [
        Pair("auth", "client.bad_token"),
        Pair("blocked_by_page", "client.page_policy"),
        Pair("cors", "client.cors_hidden"),
        Pair("flapping", "tunnel.idle_timeout"),
        Pair("held_before_server", "net.middlebox_drops_upgrade"),
        Pair("upgrade_stripped", "proxy.upgrade_headers_missing"),
        Pair("upgraded_but_silent", "tunnel.swallows_server"),
        Pair("wrong_backend", "proxy.location_missing"),
    ];

    /// <summary>The entry of a client's code; null where it could have several causes.</summary>
    public static FindingEntry? Of(string diagnosis) => All.FirstOrDefault(pair => pair.Diagnosis == diagnosis).Entry;

    private static (string, FindingEntry) Pair(string diagnosis, string cause) => (diagnosis, FindingCatalogue.OfCause(cause)!);
}
