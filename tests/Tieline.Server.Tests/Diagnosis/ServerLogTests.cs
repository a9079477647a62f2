using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Tieline.Server.Tests.Diagnosis;

public sealed class ServerLogTests
{
    private static readonly LoggerMessageAttribute[] _lines =
        [.. typeof(ServerLog).GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic).Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>()];

    [Fact]
    public void Every_line_of_the_log_has_an_id_of_its_own()
    {
        _lines.Length.ShouldBeGreaterThan(15);
        _lines.GroupBy(line => line.EventId).Where(group => group.Count() > 1).Select(group => group.Key).ShouldBeEmpty();
        _lines.ShouldAllBe(line => line.EventId >= 100 && line.EventId < 600);
    }

    [Fact]
    public void No_line_has_a_place_for_a_secret() =>
        _lines.ShouldAllBe(line => !line.Message.Contains("{Token", StringComparison.OrdinalIgnoreCase) && !line.Message.Contains("{Secret", StringComparison.OrdinalIgnoreCase) && !line.Message.Contains("{Query", StringComparison.OrdinalIgnoreCase));
}
