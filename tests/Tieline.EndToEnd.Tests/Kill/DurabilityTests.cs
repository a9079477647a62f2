using System.Text.RegularExpressions;
using Tieline.EndToEnd.Tests.Running;
using Command = Tieline.EndToEnd.Tests.Running.Command;

namespace Tieline.EndToEnd.Tests.Kill;

/// <summary>A kill does not show whether the disk was asked: the system calls do.</summary>
public sealed partial class DurabilityTests
{
    private const string Text = "is this on the disk?";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_disk_has_confirmed_before_the_acknowledgement_leaves(bool v1)
    {
        var folder = Directory.CreateTempSubdirectory("tieline-trace-").FullName;
        var trace = Path.Combine(folder, "trace");
        try
        {
            await using (var server = await TielineServer.StartProgramAsync(Command.Find("strace", "strace"),
                leading: ["-D", "-f", "-y", "-s", "4096", "--seccomp-bpf", "-e", "trace=pwrite64,fsync,fdatasync,sendto,sendmsg,write,writev", "-o", trace, TielineServer.Program]))
            {
                var entrance = Entrance.Of(server);
                var (ada, bob) = (await entrance.SignUpAsync("ada"), await entrance.SignUpAsync("bob"));
                using var line = v1 ? await ada.OpenV1Async(bob) : await ada.OpenAsync();
                await line.ReadUntilAsync(v1 ? "history" : "synced");
                await line.SendAsync(v1 ? new { message = Text } : new { type = "send", client_id = "c1", to = bob.Id, message = Text });
                await line.ReadUntilAsync(v1 ? "message" : "ack");
                await server.StopAsync();
                await Until.TrueAsync("the trace is whole", () => File.ReadLines(trace).Any(one => one.Contains("+++ exited with 0", StringComparison.Ordinal)));
            }

            var lines = await File.ReadAllLinesAsync(trace);
            var stored = Array.FindLastIndex(lines, one => one.Contains("tieline.db-wal", StringComparison.Ordinal) && one.Contains("pwrite64(", StringComparison.Ordinal)
                && one.Contains(Text, StringComparison.Ordinal));
            var told = Array.FindIndex(lines, one => SocketWrite().IsMatch(one)
                && one.Contains(v1 ? "\\\"type\\\":\\\"message\\\"" : "\\\"type\\\":\\\"ack\\\"", StringComparison.Ordinal));
            stored.ShouldBeGreaterThan(0, "the text goes into the write-ahead log");
            told.ShouldBeGreaterThan(stored, "the acknowledgement comes after it");
            lines[stored..told].Count(one => Synced().IsMatch(one)).ShouldBeGreaterThan(0, string.Join('\n', lines[stored..(told + 1)]));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The call has returned, and said yes: also where other threads' calls were written between its two halves.</summary>
    [GeneratedRegex(@"(fsync|fdatasync)(\(\d+<[^>]*tieline\.db-wal>\)| resumed>\)) += 0")]
    private static partial Regex Synced();

    [GeneratedRegex(@"(sendto|sendmsg|write|writev)\(\d+<(TCP|socket):")]
    private static partial Regex SocketWrite();
}
