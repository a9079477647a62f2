using System.Text.RegularExpressions;

namespace Tieline.Server.Tests.Storage;

/// <summary>A trace as calls with the moment each was asked for and answered. A moment is the number of its line.</summary>
internal sealed partial class SystemCalls
{
    private readonly List<Call> _calls = [];

    /// <param name="Text">Name and arguments as strace wrote them.</param>
    public sealed record Call(string Name, string Text, int Begun, int Returned, long Result);

    public IEnumerable<Call> LogWrites => _calls.Where(call => call.Name == "pwrite64" && IsLog(call));

    public IEnumerable<Call> LogSyncs => _calls.Where(call => call.Name is "fsync" or "fdatasync" && IsLog(call) && call.Result == 0);

    public IEnumerable<Call> SocketWrites => _calls.Where(call => call.Name is "sendmsg" or "sendto" or "write" or "writev" && call.Text.Contains("<socket:", StringComparison.Ordinal));

    public static SystemCalls Parse(IEnumerable<string> lines)
    {
        var calls = new SystemCalls();
        var unfinished = new Dictionary<string, (string Text, int Begun)>();
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            if (space < 0) continue;
            var (thread, text) = (line[..space], line[(space + 1)..].TrimStart());
            var begun = number;
            if (text.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                unfinished[thread] = (text[..^"<unfinished ...>".Length], number);
                continue;
            }

            if (Resumed().Match(text) is { Success: true } resumed && unfinished.Remove(thread, out var first))
                (text, begun) = (first.Text + text[resumed.Length..], first.Begun);
            if (Complete().Match(text) is { Success: true } call)
                calls._calls.Add(new Call(call.Groups[1].Value, text, begun, number, long.Parse(call.Groups[2].Value)));
        }

        return calls;
    }

    private static bool IsLog(Call call) => call.Text.Contains("tieline.db-wal>", StringComparison.Ordinal);

    [GeneratedRegex(@"^<\.\.\. \w+ resumed>")]
    private static partial Regex Resumed();

    [GeneratedRegex(@"^(\w+)\(.*\)\s+= (-?\d+)", RegexOptions.Singleline)]
    private static partial Regex Complete();
}
