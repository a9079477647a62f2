namespace Tieline.Doctor.Proxies;

internal static class NginxTemplate
{
    // `listen ... http2` and not `http2 on`: the latter is an unknown directive before nginx 1.25.1, and an nginx
    // that refuses its new file keeps running the old one without a word.
    public static string Render(ProxySite site)
    {
        var plain = site.HttpPort == 0 ? "" : $$"""
            server {
                listen {{site.Listen(site.HttpPort)}};
                server_name {{site.Domain}};
                return 301 https://{{site.HttpsAuthority}}$request_uri;
            }


            """;
        return $$"""
            # Tieline behind nginx. Made by: tieline proxy nginx --domain {{site.Domain}} {{site.UpstreamFlags}}
            # Belongs inside http { }, for example as a file of its own in /etc/nginx/conf.d/.
            # Afterwards: nginx -t && nginx -s reload

            # A client that asks for an upgrade gets "Connection: upgrade" passed on, everybody else "close".
            map $http_upgrade $connection_upgrade {
                default upgrade;
                '' close;
            }

            # The path without its query: a token in the address must not reach the log.
            log_format tieline '$remote_addr [$time_iso8601] "$request_method $uri $server_protocol" '
                               '$status $body_bytes_sent $request_time "$http_user_agent"';

            upstream tieline {
            {{Servers(site)}}
                keepalive 16;
            }

            {{Uploads(site)}}{{plain}}server {
                listen {{site.Listen(site.HttpsPort)}} ssl http2;
                server_name {{site.Domain}};

                ssl_certificate {{site.Certificate}};
                ssl_certificate_key {{site.Key}};
                ssl_protocols TLSv1.2 TLSv1.3;

                access_log {{site.AccessLog ?? "/var/log/nginx/access.log"}} tieline;

                # Room for a long token in the address or in a header.
                large_client_header_buffers 4 16k;

                # Inherited by every location below that sets no header of its own; one that sets a single
                # proxy_set_header inherits none of these.
                proxy_http_version 1.1;
                proxy_set_header Host $host;
                proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                proxy_set_header X-Forwarded-Proto $scheme;
                proxy_set_header Connection "";

                # The live line. The server pings every 20 s, so a minute of silence means that the line is dead.
                location /api/chat/ws/ {
                    proxy_pass http://tieline;
                    proxy_http_version 1.1;
                    proxy_set_header Upgrade $http_upgrade;
                    proxy_set_header Connection $connection_upgrade;
                    proxy_set_header Host $host;
                    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                    proxy_set_header X-Forwarded-Proto $scheme;
                    proxy_connect_timeout 5s;
                    proxy_read_timeout 75s;
                    proxy_send_timeout 75s;
                }

                # Server-sent events: each event must leave at once. One comes at least every 15 s.
                location /api/chat/stream {
                    proxy_pass http://tieline;
                    proxy_buffering off;
                    proxy_cache off;
                    gzip off;
                    proxy_connect_timeout 5s;
                    proxy_read_timeout 75s;
                }

                # Uploads: the server has its own limit, and takes what comes as it comes, so that a cut costs nothing.
                location /api/chat/uploads {
                    proxy_pass http://{{(site.Others.Count == 0 ? "tieline" : "tieline_uploads")}};
                    client_max_body_size 0;
                    proxy_request_buffering off;
                    proxy_connect_timeout 5s;
                }

                # Everything else; the long poll answers within 25 s.
                location / {
                    proxy_pass http://tieline;
                    proxy_connect_timeout 5s;
                }
            }

            """;
    }

    private static string Uploads(ProxySite site) => site.Others.Count == 0 ? ""
        : $$"""
            upstream tieline_uploads {
                # What of a file has come lies at one node until all has: whoever uploads comes to the same one again.
                hash $http_authorization consistent;
            {{Nodes(site)}}
                keepalive 16;
            }


            """;

    private static string Nodes(ProxySite site) => string.Join('\n', site.Upstreams.Select(upstream => $"    server {upstream} max_fails=1 fail_timeout=5s;"));

    private static string Servers(ProxySite site) => site.Others.Count == 0 ? $"    server {site.Upstream};"
        : """
                # Lines last for hours, so a new one goes to the node that has the fewest. A client that comes back may be served by any.
                least_conn;

            """ + Nodes(site);
}
