vcl 4.1;
# Tieline behind Varnish 6 or 7. Made by: tieline proxy varnish --domain chat.example.org --upstream 127.0.0.1:8000
# Varnish does not speak TLS: put hitch, nginx or HAProxy in front of it for chat.example.org.
# Start varnishd with -p pipe_timeout=75: the server pings every 20 s.

backend tieline {
    .host = "127.0.0.1";
    .port = "8000";
    .connect_timeout = 5s;
    .first_byte_timeout = 75s;
    .between_bytes_timeout = 75s;
}

sub vcl_recv {
    if (req.http.host !~ "(?i)^chat\.example\.org(:[0-9]+)?$") {
        return (synth(404));
    }
    # A live line is piped, and piped only: pass and hash speak HTTP and end it.
    if (req.http.upgrade ~ "(?i)websocket" || req.url ~ "^/api/chat/stream") {
        return (pipe);
    }
    # Everything else here belongs to one person: nothing is cached.
    return (pass);
}

sub vcl_pipe {
    # Varnish drops both headers unless they are copied.
    if (req.http.upgrade) {
        set bereq.http.upgrade = req.http.upgrade;
        set bereq.http.connection = req.http.connection;
    }
}
