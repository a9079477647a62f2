using Tieline.Doctor.Tests.Harness;

namespace Tieline.Doctor.Tests.Cases;

internal static class AllCases
{
    public static IReadOnlyList<ProxyCase> List { get; } = [.. NginxCases.All, .. ApacheCases.All, .. HaproxyCases.All, .. CaddyCases.All, .. OtherCases.All];

    public static ProxyCase Named(string name) => List.First(c => c.Name == name);
}
