namespace Tieline.Protocol.Findings;

public static partial class FindingCatalogue
{
    private static FindingEntry[] Proxy =>
    [
        FillIn("TL401", "proxy.wrong_vhost", "No block of the proxy serves this name", "Another site, or the default one, answers.", "Write the name into the block that holds the socket's location, and reload."),
        FillIn("TL402", "proxy.location_mismatch", "The socket's location does not match this path", "Another block of the proxy takes it: one for the page, for another backend, or for plain requests.", "Write the location so that everything under the socket's folder matches, and let it pass Upgrade and Connection on."),
        Certain("TL403", "proxy.regex_location_wins", "A regular-expression location wins over the socket's", "nginx prefers a matching regular expression to a longer plain prefix.", "Write ^~ before the socket's prefix."),
        FillIn("TL404", "proxy.location_missing", "The proxy has no location for the socket", "Something else answers the path: files, another backend, or the proxy itself.", "Add a location for the socket's folder that forwards to the server."),
        Certain("TL405", "proxy.order", "A shorter rule comes first", "The first match wins here, and it is not the socket's.", "Move the socket's rule above the general one."),
        FillIn("TL406", "proxy.static_fallback", "The page's fallback answers the socket's path", "Unknown paths get index.html with 200.", "Put the socket's rule before the fallback."),
        Certain("TL407", "proxy.path_rewritten", "The proxy changes the path", "The server does not know what arrives.", "Forward the path as it is."),
        Certain("TL408", "proxy.query_stripped", "The proxy drops the query", "The token in it never arrives.", "Keep the query in the rewrite."),
        FillIn("TL409", "proxy.redirect_path", "The path is redirected to one with a slash", "A WebSocket client does not follow redirects.", "Call the full path with its last part."),
        FillIn("TL410", "proxy.redirect_https", "Plain HTTP is redirected to HTTPS", "A WebSocket client does not follow redirects.", "Use wss:// in the client."),
        Certain("TL411", "proxy.upgrade_headers_missing", "The proxy does not pass the upgrade on", "Upgrade and Connection end at each proxy unless it is told to send them on, so the server sees a plain GET.", "Pass Upgrade and Connection on in the block that serves the socket."),
        Certain("TL412", "proxy.connection_header_wrong", "The proxy sends a wrong Connection header", "Upgrade arrives, but Connection does not say \"upgrade\".", "Send Connection: upgrade when the client asked for an upgrade."),
        Certain("TL413", "proxy.header_inheritance", "Header lines of the outer block are not inherited", "One proxy_set_header in a location discards all of those further out.", "Repeat the Upgrade and Connection lines in the location."),
        Certain("TL414", "proxy.http10", "The proxy speaks HTTP/1.0 to the server", "An upgrade needs HTTP/1.1; some servers insist.", "proxy_http_version 1.1 in the block that serves the socket."),
        Certain("TL415", "proxy.host_not_forwarded", "The proxy sends its own Host", "The server refuses a name it does not know, or answers for another site.", "Forward the client's Host."),
        Certain("TL416", "proxy.ws_key_stripped", "Sec-WebSocket-Key does not arrive", "The server cannot answer a handshake without it.", "Do not touch Sec-WebSocket-* headers."),
        Certain("TL417", "proxy.ws_version_stripped", "Sec-WebSocket-Version does not arrive", "The server cannot answer a handshake without it.", "Do not touch Sec-WebSocket-* headers."),
        Certain("TL418", "proxy.connection_exact_match", "A rule wants Connection to be exactly \"Upgrade\"", "Firefox sends \"keep-alive, Upgrade\"; only its users fail.", "Look for the word in the header, without anchors and without regard to case."),
        Certain("TL419", "proxy.duplicate_upgrade_header", "The 101 carries Upgrade twice", "A line adds it to the answer; browsers refuse, lax tools do not notice.", "Remove the lines that add Upgrade and Connection to answers."),
        Review("TL420", "proxy.upgrade_hidden", "The 101 has no Upgrade header", "Clients refuse a 101 that does not say what it switches to.", "Let the header pass."),
        Review("TL421", "proxy.connection_hidden", "The 101 has no Connection header", "Clients refuse it; typical of application servers inside Apache.", "Let the header pass, or proxy to a server of its own."),
        Review("TL422", "proxy.accept_hidden", "The 101 has no Sec-WebSocket-Accept", "Clients cannot know that the other side understood.", "Let the header pass."),
        Review("TL423", "proxy.wrong_accept", "Sec-WebSocket-Accept belongs to another key", "The proxy makes a handshake of its own and mixes the two.", "Let the proxy pass the key, or end the socket itself on both sides."),
        Review("TL424", "proxy.status_rewritten", "The 101 arrives with another status", "Something on the way rewrites it; frames follow, but no client reads them.", "Let 101 pass unchanged."),
        Review("TL425", "proxy.subprotocol_stripped", "Sec-WebSocket-Protocol is removed", "Clients that asked for a subprotocol close when none is confirmed.", "Let the header pass, both ways."),
        Review("TL426", "proxy.cached_error", "An old error comes from the proxy's cache", "The socket's path is cached like a page.", "Take the socket's path out of the cache."),
        Certain("TL427", "proxy.module_missing", "The proxy lacks the module for WebSockets", "Nobody handles ws:// and the request ends in a 500.", "Load the modules (a2enmod proxy_http proxy_wstunnel) and restart."),
        FillIn("TL428", "proxy.no_backend", "A rule leads to no backend", "The proxy has nowhere to send the socket and answers 503.", "Name a backend for the socket's path, or a default."),
        Certain("TL429", "proxy.http2_only", "The proxy's listener speaks HTTP/2 only", "A WebSocket client starts with HTTP/1.1.", "Let the listener speak HTTP/1.1 too."),
        Review("TL430", "proxy.proxy_protocol_expected", "The listener waits for the PROXY protocol", "Nobody in front sends it, so every connection is dropped or refused.", "Take proxy_protocol or accept-proxy from the listener, or send it in front."),
        Review("TL431", "limit.header_size", "A long token does not fit the proxy's limits", "Request line or headers are larger than the buffer.", "Raise the limit, or shorten the token."),
        Certain("TL432", "chain.inner_upgrade_headers_missing", "The inner proxy does not pass the upgrade on", "The first proxy does, a second one behind it does not.", "Pass Upgrade and Connection on in the inner proxy."),
        Certain("TL433", "chain.outer_upgrade_headers_missing", "The outer proxy does not pass the upgrade on", "The inner proxy is right and never sees an upgrade.", "Turn WebSockets on in the outer proxy or CDN."),
        Certain("TL434", "chain.host_not_forwarded", "The outer proxy sends its own Host", "The inner proxy chooses another site by it.", "Forward the client's Host in the outer proxy."),
        Review("TL435", "chain.inner_down", "The inner proxy does not run", "The outer one has nobody to talk to, while the server is well.", "Start the inner proxy."),
        Certain("TL436", "chain.inner_idle_timeout", "The inner proxy cuts idle lines", "Its time limit is shorter than that of the outer one.", "Raise the inner limit, and ping every 20 to 25 seconds."),
        Review("TL437", "chain.redirect_loop", "Two proxies redirect to https for ever", "The outer ends TLS and talks plain to an inner one that wants https.", "Inner: no redirect where X-Forwarded-Proto says https; or outer: https to the inner."),
        Review("TL438", "proxy.h2_websocket", "WebSockets over HTTP/2 are offered and broken", "Browsers use the extended CONNECT that the server offers.", "Turn it off until the proxy can do it."),
    ];

    private static FindingEntry[] ProxyPolicy =>
    [
        Review("TL450", "policy.basic_auth", "The proxy asks for a password", "A socket cannot show a password dialog.", "Take basic authentication from the socket's location: the token is its login."),
        Review("TL451", "policy.auth_request", "A login check of the proxy refuses the socket", "The check looks for a cookie that an app's token is not.", "Take the check from the socket's location: the token is its login."),
        Review("TL452", "policy.ip_denied", "The client's address is not allowed", "A rule of the proxy refuses it.", "Allow the address, or take the rule from the socket's location."),
        Review("TL453", "policy.method", "The proxy refuses the method GET here", "A handshake is a GET.", "Allow GET for the socket's location."),
        Review("TL454", "policy.user_agent", "Unknown programs are refused, browsers pass", "A filter looks at the User-Agent, so the doctor is refused and so are apps.", "Exempt the socket's path from the filter if apps use it."),
        Review("TL455", "policy.waf", "A web application firewall refuses the request", "One of its rules matches the token or the headers.", "Exempt the socket's path from the rule that the error log names."),
        Review("TL456", "policy.cdn_challenge", "The CDN wants to see a browser", "Its challenge page needs a page, and a socket has none.", "Exempt the socket's path from the challenge."),
        Review("TL457", "proxy.maintenance", "Maintenance mode is on", "The proxy answers everything with 503.", "End maintenance."),
        Review("TL458", "limit.rate", "Requests are limited by rate", "The first handshakes pass, later ones are refused.", "Raise the rate for the socket's path, and let clients reconnect with a growing pause."),
        Review("TL459", "limit.connections", "The number of connections is limited", "Some sockets open, the next are refused or never answered.", "Raise the limit: every user holds a connection all day."),
        Review("TL460", "limit.workers", "The proxy runs out of workers", "Each socket holds one for as long as it lives; the next connection is accepted and never answered.", "Raise the number of workers or connections; with Apache use mpm_event."),
        Review("TL461", "policy.origin", "The proxy refuses the page's Origin", "Only browsers send it, so everything else works.", "Add the page's origin to the proxy's list."),
    ];
}
