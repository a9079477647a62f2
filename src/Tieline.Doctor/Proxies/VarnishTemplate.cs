namespace Tieline.Doctor.Proxies;

internal static class VarnishTemplate
{
    public static string Render(ProxySite site) => $$"""
        vcl 4.1;
        # Tieline behind Varnish 6 or 7. Made by: tieline proxy varnish --domain {{site.Domain}} --upstream {{site.Upstream}}
        # Varnish does not speak TLS: put hitch, nginx or HAProxy in front of it for {{site.Domain}}.
        # Start varnishd with -p pipe_timeout=75: the server pings every 20 s.

        backend tieline {
            .host = "{{site.UpstreamHost}}";
            .port = "{{site.UpstreamPort}}";
            .connect_timeout = 5s;
            .first_byte_timeout = 75s;
            .between_bytes_timeout = 75s;
        }

        sub vcl_recv {
            if (req.http.host !~ "(?i)^{{site.Domain.Replace(".", "\\.", StringComparison.Ordinal)}}(:[0-9]+)?$") {
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

        """;
}
