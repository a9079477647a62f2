namespace Tieline.Protocol.Findings;

public static partial class FindingCatalogue
{
    private static FindingEntry[] Reach =>
    [
        FillIn("TL101", "dns.nxdomain", "The name does not exist", "No address is known for it, so no packet ever leaves.", "Correct the name in the client, or add an A or AAAA record for it."),
        FillIn("TL102", "dns.wrong_address", "The name points to another machine", "A stranger answers under the name, while the server itself is well.", "Point the record at the machine that runs the proxy, and wait for its time to live."),
        Review("TL201", "net.tcp_refused", "Nothing listens on the public port", "The connection is refused at once. A filter that rejects with a reset looks the same.", "Start the proxy, or open the port: ss -ltn on the machine shows whether anything listens."),
        Review("TL202", "net.tcp_dropped", "Packets to the port vanish", "A filter drops them, or the listener's queue is full; clients wait two minutes or more.", "Open the port in the firewall or security group; ss -ltn shows a full queue as Recv-Q."),
        Review("TL203", "net.unreachable", "A firewall or a router says no", "The network answers that there is no way to the host.", "Let the port through the firewall, or mend the route."),
        Review("TL204", "net.accepts_never_answers", "Requests are read and never answered", "Whatever listens hangs, or all of its workers are busy; clients stay in CONNECTING for minutes.", "Look at the process behind the port: is it stuck, are its workers all taken?"),
        Review("TL205", "net.closed_without_answer", "The connection is closed without a byte", "A listener that forwards bytes has nobody behind it, or closes on purpose.", "Check that the backend of this listener runs, and that the name is served."),
        Review("TL206", "net.reset", "The connection is reset", "Something in between, or a crashing listener, tears it down.", "Compare from another network; then look at what listens on the port."),
        FillIn("TL207", "net.not_http", "Another service listens on this port", "The first bytes are not HTTP.", "Use the port of the web server."),
        Review("TL208", "net.middlebox_drops_upgrade", "A device on the way swallows upgrade requests", "Plain requests pass, the same request with Upgrade: websocket gets no answer.", "Use wss://, so that the device cannot see the upgrade."),
        FillIn("TL209", "net.captive_portal", "The network wants a login first", "Every request is sent to another host's login page.", "Log in to this network, then try again."),
        Review("TL210", "net.slow_handshake", "The handshake takes many seconds", "Clients with a ten second limit give up and try again, for ever.", "Find what waits before the 101: the token check, a cold start, a name lookup in the server or the proxy."),
        Review("TL211", "net.tls_no_answer", "TCP connects, TLS gets no answer", "The ClientHello is swallowed, by a filter on names or by a dead TLS terminator.", "Try from another network; then restart what ends TLS."),
        Review("TL212", "net.tls_reset", "The connection ends at the TLS ClientHello", "A filter on names resets it, or what listens cannot do TLS and says nothing.", "Try from another network; then look at the listener and at what it forwards to."),
        FillIn("TL213", "client.forward_proxy_denies", "The forward proxy refuses the connection", "CONNECT is allowed to some ports only, usually 443.", "Serve the socket on port 443, or have the port allowed in the forward proxy."),
        FillIn("TL214", "client.forward_proxy_auth", "The forward proxy asks for a login", "CONNECT is answered 407.", "Give the client the forward proxy's user and password."),
    ];

    private static FindingEntry[] Tls =>
    [
        FillIn("TL301", "tls.cert_name_mismatch", "The certificate is for another name", "Clients refuse it before they send a request.", "Issue a certificate that lists the name, and name it in the proxy."),
        FillIn("TL302", "tls.cert_expired", "The certificate has expired", "Clients refuse it before they send a request.", "Renew it and reload the proxy; check that renewal runs by itself."),
        FillIn("TL303", "tls.cert_not_yet_valid", "The certificate is not valid yet", "Its first day lies in the future, or a clock is wrong.", "Check the clocks of server and client, or issue it again."),
        FillIn("TL304", "tls.self_signed", "The certificate is self-signed", "No client trusts it.", "Use a certificate of a public authority, or install its root on every device."),
        FillIn("TL305", "tls.chain_incomplete", "The intermediate certificate is missing", "Some browsers fetch it themselves, apps and servers do not.", "Give the proxy the full chain (fullchain.pem), not the leaf alone."),
        FillIn("TL306", "tls.wrong_vhost_cert", "Another site's certificate is shown", "The proxy has no TLS site of this name and shows its default.", "Write the name into the server block (server_name, ServerName, site address) and reload."),
        FillIn("TL307", "tls.sni_rejected", "The proxy has no TLS site of this name", "It answers the name with a TLS alert.", "Add the name to the site's address in the proxy."),
        Review("TL308", "tls.alpn_h2_only", "The listener offers HTTP/2 only", "A WebSocket client speaks HTTP/1.1 and is refused in the TLS handshake.", "Offer http/1.1 beside h2."),
        Review("TL309", "tls.old_protocol", "The server speaks only old TLS", "Clients of today refuse TLS 1.0 and 1.1.", "Allow TLS 1.2 and 1.3."),
        Review("TL310", "tls.client_cert_required", "The proxy wants a client certificate", "Browsers and apps have none for a socket.", "Take the requirement from the socket's name, or install certificates on the clients."),
        FillIn("TL311", "client.tls_to_plain_port", "The client speaks TLS to a plain port", "The port answers in clear text.", "Use ws:// on that port, or the port that ends TLS."),
        FillIn("TL312", "client.plain_to_tls_port", "The client speaks plain text to a TLS port", "The port waits for a ClientHello.", "Use wss://."),
        FillIn("TL313", "client.mixed_content", "An https page opens ws://", "The browser refuses before it sends a packet.", "Use wss://."),
        Review("TL314", "proxy.alpn_h2_without_backend", "TLS offers HTTP/2 that nobody behind it speaks", "Page loads break while sockets, which ask for HTTP/1.1, work.", "Offer http/1.1 alone, or enable HTTP/2 in the server behind."),
        FillIn("TL315", "tls.untrusted", "The certificate's authority is not trusted", "Its root is not among those that clients know.", "Use a public authority, or install the root on every device."),
    ];
}
