using System.Globalization;
using System.Text;
using Tieline.Doctor.Mending;
using Tieline.Doctor.Tests.Harness;

namespace Tieline.Doctor.Tests.Mending;

/// <summary>How one mend went.</summary>
internal sealed record MendMark(ProxyCase Case, MendEnd End, bool LeftWorse, string Said)
{
    public static string Table(IReadOnlyCollection<MendMark> marks)
    {
        var text = new StringBuilder("proxy        cases  mended  rolled back  not touched  left worse\n");
        foreach (var proxy in marks.Select(m => m.Case.Proxy).Distinct().Order(StringComparer.Ordinal).Append("all"))
        {
            var rows = marks.Where(m => proxy == "all" || m.Case.Proxy == proxy).ToList();
            int Count(MendEnd end) => rows.Count(r => r.End == end);
            text.Append(CultureInfo.InvariantCulture, $"{proxy,-12} {rows.Count,5} {Count(MendEnd.Mended),7} {Count(MendEnd.RolledBack),12} {Count(MendEnd.NotMine) + Count(MendEnd.Nothing),12} {rows.Count(r => r.LeftWorse),11}\n");
        }
        foreach (var miss in marks.Where(m => m.End != MendEnd.Mended)) text.Append(CultureInfo.InvariantCulture, $"  {miss.End,-10} {miss.Case.Name,-32} is {miss.Case.Cause}, said {miss.Said}\n");
        return text.ToString();
    }
}
