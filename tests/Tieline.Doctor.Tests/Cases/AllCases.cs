using Tieline.Doctor.Tests.Harness;

namespace Tieline.Doctor.Tests.Cases;

internal static class AllCases
{
    public static IReadOnlyList<ProxyCase> List { get; } = [.. NginxCases.All, .. ApacheCases.All, .. HaproxyCases.All, .. CaddyCases.All, .. OtherCases.All, .. NginxLayoutCases.All, .. NginxWayCases.All, .. ApacheWayCases.All, .. HaproxyWayCases.All, .. CaddyWayCases.All, .. SmallProxyCases.All];

    public static ProxyCase Named(string name) => List.First(c => c.Name == name);
}
