namespace Tieline.Doctor.Proxies;

internal static class IisTemplate
{
    public static string Render(ProxySite site) => $$"""
        <?xml version="1.0" encoding="utf-8"?>
        <!-- Tieline behind IIS 10 with Application Request Routing 3 and URL Rewrite 2 for {{site.Domain}}:{{site.HttpsPort}}.
             Made by: tieline proxy iis. Not run in Tieline's tests.
             Install the feature "WebSocket Protocol", enable the proxy in ARR, and set its time-out to 75 s.
             ARR breaks compressed frames: Tieline sends none unless told to. -->
        <configuration>
          <system.webServer>
            <webSocket enabled="true" />
            <httpCompression><dynamicTypes><add mimeType="text/event-stream" enabled="false" /></dynamicTypes></httpCompression>
            <rewrite>
              <rules>
                <rule name="tieline" stopProcessing="true">
                  <match url="(.*)" />
                  <action type="Rewrite" url="http://{{site.Upstream}}/{R:1}" appendQueryString="true" />
                </rule>
              </rules>
            </rewrite>
            <!-- Room for a long token in the address. -->
            <security><requestFiltering><requestLimits maxQueryString="16384" maxUrl="16384" /></requestFiltering></security>
          </system.webServer>
        </configuration>

        """;
}
