using System.Collections.Frozen;

namespace Tieline.Doctor.Mending;

/// <summary>
/// What a machine may change. Left out on purpose: everything that protects (passwords, address lists, firewalls, client
/// certificates, PROXY protocol), every limit on numbers and rates, maintenance, and what only the operator knows.
/// </summary>
internal static class Mendable
{
    private static readonly FrozenSet<string> _causes = FrozenSet.ToFrozenSet(
    [
        "proxy.upgrade_headers_missing", "proxy.connection_header_wrong", "proxy.header_inheritance", "proxy.regex_location_wins", "proxy.order",
        "proxy.path_rewritten", "proxy.query_stripped", "proxy.http10", "proxy.host_not_forwarded", "proxy.ws_key_stripped", "proxy.ws_version_stripped",
        "proxy.connection_exact_match", "proxy.duplicate_upgrade_header", "proxy.upgrade_hidden", "proxy.connection_hidden", "proxy.accept_hidden",
        "proxy.subprotocol_stripped", "proxy.http2_only", "proxy.location_mismatch", "proxy.location_missing", "proxy.wrong_vhost", "proxy.module_missing",
        "proxy.stale_config", "tls.wrong_vhost_cert", "tls.sni_rejected", "tls.old_protocol",
        "upstream.plain_to_tls", "upstream.tls_to_plain", "upstream.http2_to_http1", "upstream.proxy_protocol_unexpected",
        "upstream.refused_wrong_port", "upstream.refused_wrong_interface", "tunnel.idle_timeout",
        "chain.inner_upgrade_headers_missing", "chain.outer_upgrade_headers_missing", "chain.host_not_forwarded", "chain.inner_idle_timeout",
    ]);

    public static bool Allows(string cause) => _causes.Contains(cause);
}
