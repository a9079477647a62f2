namespace Tieline.Protocol.Findings;

public static partial class FindingCatalogue
{
    private static FindingEntry[] Upstream =>
    [
        Review("TL501", "upstream.refused_backend_down", "The server behind the proxy does not run", "The proxy's connection is refused, and so is one straight to the server.", "Start the server, and look in its log why it ended."),
        FillIn("TL502", "upstream.refused_wrong_port", "The proxy talks to a port where nothing listens", "The server runs on another port.", "Put the server's port into the proxy's configuration."),
        FillIn("TL503", "upstream.refused_wrong_interface", "The server listens on another address", "It runs, but not on the address that the proxy uses, as in a container.", "Let the server listen on the address the proxy uses, or change the proxy's target."),
        Review("TL504", "upstream.hung", "The server takes the request and never answers", "The proxy waits until its own limit, clients stay in CONNECTING.", "Find what blocks in the server; keep proxy_connect_timeout at seconds."),
        Review("TL505", "upstream.unreachable", "The proxy's packets to the server vanish", "A filter lies between them, or the address is wrong.", "Open the way between proxy and server, or correct the address."),
        FillIn("TL506", "upstream.dns", "The proxy cannot resolve the server's name", "Without a resolver, or with a wrong name, there is nobody to ask.", "Correct the name, or give the proxy a resolver."),
        Review("TL507", "upstream.resets", "What the proxy talks to resets the connection", "A crashing or a wrong service listens there.", "Look in that service's log; check the port."),
        FillIn("TL508", "upstream.wrong_service", "The proxy talks to something that is no web server", "Its first bytes are not HTTP.", "Put the server's port into the proxy's configuration."),
        FillIn("TL509", "upstream.port_taken", "Another program has the server's port", "It answers as a stranger, and the real server could not start.", "Find it (ss -ltnp), stop it or change the port, then start the server."),
        Certain("TL510", "upstream.plain_to_tls", "The proxy speaks plain text to a TLS server", "The server waits for a ClientHello.", "Use https:// to the server."),
        Certain("TL511", "upstream.tls_to_plain", "The proxy speaks TLS to a plain server", "The server does not understand the ClientHello.", "Use http:// to the server."),
        Certain("TL512", "upstream.http2_to_http1", "The proxy speaks HTTP/2 to an HTTP/1.1 server", "The server does not understand it, and Upgrade does not exist there.", "Speak HTTP/1.1 to the server."),
        Certain("TL513", "upstream.proxy_protocol_unexpected", "The proxy sends PROXY protocol that the server does not expect", "The server takes it for a broken request.", "Turn it off in the proxy, or on in the server."),
        Review("TL514", "upstream.permission", "The proxy may not open the server's socket file", "The file's rights do not let its user in.", "Give the proxy's group access to the socket (mode 660)."),
        Review("TL515", "upstream.marked_down", "The only server is marked as down", "The proxy does not even try.", "Take the mark away, or mend the health check."),
        FillIn("TL516", "upstream.health_check_wrong", "The health check asks for the wrong thing", "The server is well, but the proxy believes it is not.", "Give the health check an address that answers 200."),
        Review("TL517", "upstream.ipv6_intruder", "Another program listens on the IPv6 side of localhost", "The proxy takes ::1 and 127.0.0.1 in turn; every second connection meets the stranger.", "Write 127.0.0.1 instead of localhost, or stop the other program."),
        Review("TL518", "upstream.mixed_versions", "Servers of different versions share the work", "Every second connection meets one that does not know the route.", "Bring all servers to one version."),
        Review("TL519", "upstream.cdn_origin_down", "The CDN cannot reach the origin", "It answers in the origin's place.", "Start the origin, and open it to the CDN's addresses."),
    ];

    private static FindingEntry[] Application =>
    [
        FillIn("TL551", "backend.no_ws_library", "The server has no WebSocket library", "It takes the handshake for a plain GET and answers 404 or 400. No change to the proxy helps.", "Install the library in the environment that runs the server (pip install 'uvicorn[standard]' or websockets) and restart it."),
        FillIn("TL552", "backend.no_ws_middleware", "WebSockets are not switched on in the server", "The handshake reaches the route as a plain request.", "Switch them on (ASP.NET Core: app.UseWebSockets() before the endpoints)."),
        Review("TL553", "backend.http2_only", "The server speaks HTTP/2 only", "Proxies speak HTTP/1.1 to it.", "Let the endpoint speak HTTP/1.1 too (Kestrel: Protocols Http1AndHttp2)."),
        Review("TL554", "backend.https_redirect", "The server redirects to https behind a proxy that ends TLS", "It does not read X-Forwarded-Proto and redirects to the same address.", "Read forwarded headers from the proxy, or turn the redirection off."),
        FillIn("TL555", "backend.host_refused", "The server does not know the public name", "Its list of hosts does not hold it.", "Add the name to the server's allowed hosts."),
        Review("TL556", "backend.origin_refused", "The server refuses the page's Origin", "Only browsers send it, so everything else works.", "Add the page's origin to the server's list."),
        Review("TL557", "backend.max_payload", "The server closes on large messages", "It answers 1009.", "Send smaller messages, or raise the server's limit."),
        Review("TL558", "backend.error", "The server answers with an error of its own", "Its log says what broke.", "Look in the server's log."),
        FillIn("TL559", "backend.proxy_not_trusted", "The server does not trust this proxy", "It refuses what carries X-Forwarded-For from an address it was not told about, as Home Assistant does; its log names the address.", "Put the proxy's address into the server's list of trusted proxies."),
    ];

    private static FindingEntry[] Client =>
    [
        FillIn("TL601", "client.bad_token", "The token is not accepted", "The server itself refuses it; no proxy is at fault.", "Get a fresh token: it may have expired, or be signed with another secret."),
        FillIn("TL602", "client.wrong_path", "The server has no socket at this path", "It refuses the handshake straight at the server as well.", "Use the path of the server's WebSocket route."),
        FillIn("TL603", "client.no_token", "The server wants a token", "None arrived. Where the client did give one, a proxy drops the query.", "Give one (--token); where one was given, keep the query in the proxy's rewrites."),
        FillIn("TL604", "client.cors_hidden", "The browser hides the server's answers from the page", "The server is up, but no answer names the page's origin in Access-Control-Allow-Origin.", "Add the page's origin to the setting origins, and let no proxy drop the header."),
        FillIn("TL606", "client.bad_handshake", "The client's handshake is not a valid one", "Sec-WebSocket-Key must be 16 random bytes and the version 13; every good server refuses a made-up key such as 'test', so a trial by hand proves nothing.", "Use a WebSocket library; by hand: Sec-WebSocket-Key: $(openssl rand -base64 16)."),
        FillIn("TL607", "client.unknown_peer", "The address names nobody to talk to", "The last part of the path is an id that no account has, or the caller's own.", "Use the id of another account, or /me for all conversations."),
        FillIn("TL605", "client.page_policy", "The page's own policy forbids the socket", "Its Content-Security-Policy does not list the address, or an https page opens ws://; the browser refuses before it sends a packet.", "Add the server's ws and http origins to connect-src; from an https page use wss://."),
    ];

    private static FindingEntry[] Line =>
    [
        Review("TL701", "tunnel.idle_timeout", "Idle lines are cut", "A time limit on the way is shorter than the pause between two pings.", "Raise the limit for the socket's path above the pause between pings, and ping every 20 to 25 seconds."),
        Review("TL702", "tunnel.lifetime_limit", "Lines are cut after a fixed time, busy or not", "Something limits how long a connection may live.", "Raise the limit, and let clients resume."),
        Review("TL703", "tunnel.half_open", "The line goes dead without a word", "Nothing passes any more and nobody is told, as when a NAT entry expires.", "Ping more often than the device forgets, and reconnect when no pong comes."),
        Review("TL704", "tunnel.swallows_client", "What the client sends vanishes", "The server's frames arrive, the client's do not.", "The proxy does not tunnel: give the socket a rule that does."),
        Review("TL705", "tunnel.swallows_server", "What the server sends vanishes", "The client's frames arrive, nothing comes back.", "The proxy does not tunnel: give the socket a rule that does."),
        Review("TL706", "tunnel.swallows_both", "No frame passes in either direction", "After the 101 the proxy forwards nothing.", "The proxy does not tunnel: give the socket a rule that does."),
        Review("TL707", "tunnel.no_tunnel", "The proxy takes the 101 for a finished answer", "It says Content-Length and ends the exchange.", "Use a proxy, or a mode of it, that supports upgrades."),
        Review("TL708", "tunnel.closed_at_once", "The line closes right after the 101", "The proxy or the server ends the exchange.", "Compare straight at the server; then look for upgrade support in the proxy."),
        Review("TL709", "tunnel.corrupts_frames", "The bytes after the 101 are no frames", "Something appends or rewrites content.", "Take the device out of the way, or use wss://."),
        Review("TL710", "tunnel.breaks_compression", "Compressed frames break the line", "Without permessage-deflate the same line lives.", "Turn permessage-deflate off in the server."),
        Review("TL711", "tunnel.buffers_server", "The server's frames are held back until a buffer is full", "Messages arrive late and in bunches.", "Turn response buffering off for the socket's path."),
        Review("TL712", "limit.frame_size", "Large frames end the line", "A device on the way cuts it without a close code.", "Send smaller frames, or raise the limit of the device."),
    ];

    private static FindingEntry[] Files =>
    [
        Review("TL801", "storage.not_writable", "The data folder cannot be written", "No message can be stored.", "Give the server's user the right to write there."),
        Review("TL802", "storage.disk_full", "The disk is full", "No message can be stored.", "Make room, or move the data folder."),
        FillIn("TL803", "storage.unreachable", "The database does not answer", "No message can be stored.", "Start it, or correct the address and password in the settings."),
        Certain("TL901", "proxy.stale_config", "The running proxy still has the old configuration", "The file was changed after the process read it.", "Reload the proxy."),
        FillIn("TL902", "proxy.reload_refused", "The proxy refused the new configuration", "The file has an error, so the old one keeps running.", "Correct the error that the syntax test names, then reload."),
        FillIn("TL903", "config.name_not_served", "No block in these files serves this name", "The file that was edited is not the one that answers.", "Edit the file whose block names the host, or add the name to it."),
        FillIn("TL904", "config.other_file_serves", "Another file serves this name", "What is changed here has no effect on it.", "Edit the file that serves the name."),
        Review("TL990", "doctor.check_crashed", "A check of the doctor crashed", "That is a fault of the doctor; the other checks are not touched by it.", "Report it with the output of --json."),
        Review("TL991", "doctor.undecided", "The socket does not open, and what was seen fits no known cause", "The evidence is printed as it came.", "Run it again on the server with --backend, --config and --log."),
    ];
}
