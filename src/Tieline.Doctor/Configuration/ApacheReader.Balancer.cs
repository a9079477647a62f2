namespace Tieline.Doctor.Configuration;

internal sealed partial class ApacheReader
{
    private const string Balancer = "balancer://";

    /// <summary>The servers behind <c>ProxyPass / balancer://name</c>; none where it leads to one server itself.</summary>
    private static List<ApacheDirective> Members(ApacheDirective? way, ApacheDirective scope, ApacheDirective root)
    {
        if (way?.Args.FirstOrDefault(a => a.StartsWith(Balancer, StringComparison.OrdinalIgnoreCase)) is not { } target) return [];
        var name = Balancer + target[Balancer.Length..].Split('/')[0];
        return
        [
            .. scope.Deep("<Proxy").Concat(root.Deep("<Proxy")).Where(p => p.Arg(0).TrimEnd('/').Equals(name, StringComparison.OrdinalIgnoreCase)).SelectMany(p => p.All("BalancerMember")),
        ];
    }

    /// <summary>Flags of a member that take it out: disabled, stopped, or a spare that nothing falls back to.</summary>
    private static bool IsOut(ApacheDirective member) =>
        member.Args.Any(a => a.StartsWith("status=", StringComparison.OrdinalIgnoreCase) && !a.Contains('-', StringComparison.Ordinal) && a["status=".Length..].AsSpan().IndexOfAny("DSds") >= 0);

    private static bool PassesByMembers(List<ApacheDirective> members, ApacheDirective way, List<Clue> clues)
    {
        if (members.All(IsOut)) clues.Add(new("upstream.marked_down", 120, $"{members[0].Where}: {members[0].Words}"));
        if (PassesUpgrade(way) || members.Any(PassesUpgrade)) return true;
        clues.Add(new("proxy.upgrade_headers_missing", 80, $"{members[0].Where}: {members[0].Words} has no upgrade=websocket") { Edits = [.. members.Select(m => new Edit(m.File.Path, m.End, 0, " upgrade=websocket"))] });
        return false;
    }
}
