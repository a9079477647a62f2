namespace Tieline.Doctor.Tests.Docs;

/// <summary>
/// How to bring a fault about where no configuration of one proxy does: what to start, and what to ask. Ports as in the other pages.
/// What needs nothing else is run as it stands by <c>ReproductionTests</c>, each in a network of its own.
/// </summary>
internal static class Reproductions
{
    private const string Ask = "tieline doctor ws://127.0.0.1:8080/api/chat/ws/me";
    private const string AskTls = "tieline doctor wss://127.0.0.1:8443/api/chat/ws/me";

    private const string Certificate = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=chat.test -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem\n";
    private const string Serve = "tieline serve --data ./data --listen http://127.0.0.1:8000 &\n";

    private static string Wait(int port, string address = "") => $"until ss -Htln 'src {address}:{port}' | grep -q .; do sleep 0.1; done\n";

    private static readonly Dictionary<string, (string Words, string Commands)> _alone = new()
    {
        ["dns.nxdomain"] = ("A name that nobody has.", "tieline doctor wss://no-such-name.invalid/ws"),
        ["dns.wrong_address"] = ("The server on 127.0.0.1, and on the address that the name leads to another web server.", Serve + "python3 -m http.server 8000 --bind 127.0.0.2 &\n" + Wait(8000, "127.0.0.1") + Wait(8000, "127.0.0.2") + "tieline doctor ws://chat.test:8000/api/chat/ws/me --resolve chat.test:127.0.0.2 --backend http://127.0.0.1:8000"),
        ["net.tcp_dropped"] = ("A packet filter that drops.", "iptables -A INPUT -p tcp --dport 8080 -j DROP\n" + Ask),
        ["net.unreachable"] = ("A packet filter that says no.", "iptables -A INPUT -p tcp --dport 8080 -j REJECT --reject-with icmp-admin-prohibited\n" + Ask),
        ["net.reset"] = ("A listener that resets what it accepts.", "python3 -c \"import socket, struct\ns = socket.create_server(('127.0.0.1', 8080))\nwhile True:\n    c = s.accept()[0]; c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); c.recv(1); c.close()\" &\n" + Wait(8080) + Ask),
        ["net.tls_no_answer"] = ("A listener that reads and says nothing.", "python3 -c \"import socket, time\ns = socket.create_server(('127.0.0.1', 8443))\nkeep = []\nwhile True: keep.append(s.accept()[0])\" &\n" + Wait(8443) + AskTls),
        ["net.tls_reset"] = ("A filter that resets after the ClientHello.", "python3 -c \"import socket, struct\ns = socket.create_server(('127.0.0.1', 8443))\nwhile True:\n    c = s.accept()[0]; c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); c.recv(4096); c.close()\" &\n" + Wait(8443) + AskTls),
        ["tls.alpn_h2_only"] = ("A listener that offers HTTP/2 alone.", Certificate + "openssl s_server -accept 8443 -cert cert.pem -key key.pem -alpn h2 -quiet &\n" + Wait(8443) + AskTls + " --ca cert.pem"),
        ["tls.old_protocol"] = ("A listener that ends at TLS 1.1.", Certificate + "openssl s_server -accept 8443 -cert cert.pem -key key.pem -tls1_1 -cipher 'ALL:@SECLEVEL=0' -quiet &\n" + Wait(8443) + AskTls + " --ca cert.pem"),
        ["client.mixed_content"] = ("Any socket that opens, and a page on https.", Serve + Wait(8000) + "tieline user add --data ./data --email ada@example.org --name Ada --id ada\ntieline token --data ./data --email ada@example.org > token\ntieline doctor ws://127.0.0.1:8000/api/chat/ws/me --token-file token --page https://www.example.org/ --hold 0"),
        ["client.no_token"] = ("Tieline's own socket, asked without one.", Serve + Wait(8000) + "tieline doctor ws://127.0.0.1:8000/api/chat/ws/me"),
        ["storage.not_writable"] = ("Tieline says so when it starts.", "tieline serve --data /proc/tieline"),
        ["storage.disk_full"] = ("Tieline says so when it starts, and in its log when the disk becomes full while it runs; sends are then refused with storage_full until there is room.", "mount -t tmpfs -o size=100k none /mnt\ntieline serve --data /mnt"),
        ["storage.unreachable"] = ("PostgreSQL that nobody runs.", "tieline serve --store postgres://tieline@127.0.0.1:1/tieline"),
    };

    private static readonly Dictionary<string, (string Words, string Commands)> _beside = new()
    {
        ["client.forward_proxy_denies"] = ("Squid as it is shipped allows CONNECT to port 443 alone.", "tieline doctor ws://chat.example.org:8080/ws --forward-proxy http://127.0.0.1:3128"),
        ["client.forward_proxy_auth"] = ("Squid with `auth_param basic ...`, `acl known proxy_auth REQUIRED`, `http_access deny !known`.", "tieline doctor wss://chat.example.org/ws --forward-proxy http://127.0.0.1:3128"),
        ["proxy.alpn_h2_without_backend"] = ("hitch with `alpn-protos = \"h2, http/1.1\"` in front of a server that speaks HTTP/1.1.", AskTls),
        ["tls.untrusted"] = ("A certificate of one's own authority, without `--ca`.", AskTls),
        ["upstream.unreachable"] = ("nginx with `proxy_pass http://192.0.2.1:8000; proxy_connect_timeout 2s;`: nobody has this address.", Ask),
        ["upstream.port_taken"] = ("Another program where the server should be.", "python3 -m http.server 8000 --bind 127.0.0.1 &\n" + Ask + " --backend 127.0.0.1:8000"),
        ["upstream.permission"] = ("nginx with `user www-data;` and `proxy_pass http://unix:/run/app.sock;`, the socket of another user.", "chmod 600 /run/app.sock\n" + Ask + " --backend 127.0.0.1:8000"),
        ["upstream.ipv6_intruder"] = ("nginx with `proxy_pass http://localhost:8000;`, the server on 127.0.0.1 alone, and somebody else on the IPv6 side.", "python3 -m http.server 8000 --bind ::1 &\n" + Ask),
        ["backend.no_ws_middleware"] = ("An ASP.NET Core app that maps the path and does not call `app.UseWebSockets()`.", Ask + " --backend 127.0.0.1:8000"),
        ["backend.http2_only"] = ("Kestrel with `\"Protocols\": \"Http2\"` behind nginx.", Ask + " --backend 127.0.0.1:8000"),
        ["backend.https_redirect"] = ("`app.UseHttpsRedirection()` without `app.UseForwardedHeaders()` behind a proxy that ends TLS.", AskTls + " --backend 127.0.0.1:8000"),
        ["backend.error"] = ("An application whose handler for the path throws, or that closes the line with a code of its own.", Ask),
        ["client.cors_hidden"] = ("Only a page in a browser sees it: a server whose setting origins does not list the page. The client's diagnosis names it.", ""),
        ["client.page_policy"] = ("Only a page in a browser sees it: `Content-Security-Policy: connect-src 'self'` and a socket elsewhere. The client's diagnosis names it.", ""),
        ["client.bad_handshake"] = ("Tieline says so to its operator (/operate) of whoever sends a handshake by hand.", "curl -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: test' http://127.0.0.1:8000/api/chat/ws/me"),
        ["client.unknown_peer"] = ("A path that ends in the id of nobody, while another id opens.", "tieline doctor ws://127.0.0.1:8080/api/chat/ws/nobody --token \"$T\""),
        ["tunnel.breaks_compression"] = ("IIS with ARR 3 in front, permessage-deflate on: the line ends at the first compressed frame.", Ask),
        ["tunnel.buffers_server"] = ("A relay that passes the server's bytes on only when it has 4 KB of them.", Ask),
        ["config.name_not_served"] = ("A file with the name's block, given to the doctor, that the running nginx does not include.", Ask.Replace("127.0.0.1:8080", "chat.test:8080") + " --resolve chat.test:127.0.0.1 --backend 127.0.0.1:8000 --config forgotten.conf"),
        ["config.other_file_serves"] = ("Two files of one nginx; the doctor is given the one that serves another name.", Ask.Replace("127.0.0.1:8080", "chat.test:8080") + " --resolve chat.test:127.0.0.1 --backend 127.0.0.1:8000 --config sites-enabled/www"),
        ["doctor.check_crashed"] = ("A fault of the doctor itself: the finding names the check and what it stumbled over. Please report it with `--json`.", ""),
        ["doctor.undecided"] = ("What fits no cause that is known: the finding shows what was answered. On the server, with `--backend`, more can be seen.", ""),
    };

    public static string? Of(string cause) => _alone.TryGetValue(cause, out var alone)
        ? $"{alone.Words} The tests run these commands as they stand.\n\n```\n{alone.Commands}\n```\n"
        : _beside.TryGetValue(cause, out var known)
            ? known.Words + "\n" + (known.Commands.Length > 0 ? $"\n```\n{known.Commands}\n```\n" : "")
            : null;
}
