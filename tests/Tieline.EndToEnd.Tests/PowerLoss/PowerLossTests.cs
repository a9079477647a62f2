using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Tieline.EndToEnd.Tests.Running;

namespace Tieline.EndToEnd.Tests.PowerLoss;

/// <summary>
/// The power is cut at many moments of a talk, on paper: from a record of everything the server asked the kernel to do to its files, states are made
/// that a disk may be left in, and a server is started on each. What was acknowledged before the cut has to be there.
/// </summary>
public sealed class PowerLossTests(RecordedTalk recorded, ITestOutputHelper output) : IClassFixture<RecordedTalk>
{
    private static readonly int _cuts = int.Parse(Environment.GetEnvironmentVariable("TIELINE_POWER_CUTS") ?? "48", CultureInfo.InvariantCulture);
    private static readonly int _seed = int.TryParse(Environment.GetEnvironmentVariable("TIELINE_POWER_SEED"), out var seed) ? seed : Random.Shared.Next(1_000_000);

    private Talk Talk => recorded.Talk;

    [Fact]
    public async Task Whatever_the_disk_is_left_with_when_the_power_goes_nothing_acknowledged_is_missing()
    {
        var syncs = recorded.Calls.Where(IsSync).ToList();
        output.WriteLine($"{_cuts} cuts by seed {_seed} (TIELINE_POWER_CUTS, TIELINE_POWER_SEED); {Talk.Acknowledged} acknowledged, {Talk.Said.Count(said => said.ChangedAt != long.MaxValue)} changes, " +
            $"{Talk.Uploads.Count} files; {recorded.Calls.Count(call => call.Name == "pwrite64")} writes, {recorded.Calls.Count(call => call.Name == "pwrite64" && IsOn(call, "tieline.db"))} of them to the database itself, " +
            $"{syncs.Count} syncs, the log begun {recorded.Calls.Count(call => call.Name == "pwrite64" && IsOn(call, "tieline.db-wal") && call.Number(3) == 0)} times in {recorded.Starts.Count} servers");

        var faults = new ConcurrentBag<string>();
        var chance = new Random(_seed);
        var disks = Enum.GetValues<Disk.Names>().Select(names => new Disk(recorded.Calls, recorded.Root, names)).ToArray();
        var moments = Moments(chance);
        await Parallel.ForEachAsync(moments.Index().Select(moment =>
        {
            // One after the other, for the disk only goes on; what is left of it is looked at side by side.
            var disk = disks[moment.Index % disks.Length];
            disk.AdvanceTo(moment.Item);
            var wreck = new Wreck(disk, chance);
            return (moment.Index, At: moment.Item, wreck.Kind, Folder: WriteDown(wreck));
        }), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (cut, _) =>
        {
            // A start of the executable costs more than one in here, and is the same code.
            foreach (var fault in await ExamineAsync(cut.Folder, cut.At, byExecutable: cut.Index % 12 == 11))
                faults.Add($"cut {cut.Index}, {(cut.At - Talk.BegunAt) / 1e9:0.000000} s after the beginning ({cut.Kind}): {fault}");
        });

        foreach (var fault in faults.Take(50)) output.WriteLine(fault);
        faults.ShouldBeEmpty($"seed {_seed}");
    }

    [Fact]
    public async Task A_disk_that_confirmed_what_it_did_not_keep_is_found_out()
    {
        var (last, sync) = InTheMiddle();
        var calls = recorded.Calls.Where(call => !(IsSync(call) && IsOn(call, "tieline.db-wal") && call.Begun >= sync.Begun));

        (await CutAsync(calls, last.AcknowledgedAt, last.AcknowledgedAt)).ShouldContain(fault => fault.StartsWith("lost: number", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_acknowledges_before_the_sync_has_returned_would_be_found_out()
    {
        var (last, sync) = InTheMiddle();

        (await CutAsync(recorded.Calls, sync.Returned - 1, last.AcknowledgedAt)).ShouldContain(fault => fault.StartsWith($"lost: number {last.Seq} of {last.Conversation}", StringComparison.Ordinal));
        (await CutAsync(recorded.Calls, sync.Returned, last.AcknowledgedAt)).ShouldBeEmpty("a nanosecond later it is on the disk");
    }

    [Fact]
    public async Task What_a_killed_server_left_with_the_kernel_is_on_the_disk_before_the_next_one_tells_of_it()
    {
        // As if the kill had come between the writing and the sync, time and again: nothing that the second server wrote since its middle was synced by it.
        var (last, _) = InTheMiddle();
        var calls = recorded.Calls.Where(call => !(IsSync(call) && IsOn(call, "tieline.db-wal") && call.Begun > last.AcknowledgedAt && call.Begun < recorded.KilledAt)).ToList();
        var promised = Talk.Said.Where(said => said.AcknowledgedAt < recorded.KilledAt).Max(said => said.AcknowledgedAt);

        (await CutAsync(calls, recorded.KilledAt, promised)).ShouldContain(fault => fault.StartsWith("lost: number", StringComparison.Ordinal));
        (await CutAsync(calls, recorded.Starts[2], promised)).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_write_that_is_missing_among_those_that_were_synced_is_found_out()
    {
        var (last, _) = InTheMiddle();
        var write = WriteOf(last);

        (await CutAsync(recorded.Calls.Where(call => call != write), last.AcknowledgedAt, last.AcknowledgedAt)).ShouldContain(fault => fault.StartsWith("lost:", StringComparison.Ordinal));
    }

    /// <summary>A third each: when somebody had just been told something; when the database itself is written; when anything else changes.</summary>
    private List<long> Moments(Random chance)
    {
        var told = Talk.Said.SelectMany(said => (long[])[said.AcknowledgedAt, said.ChangedAt]);
        var changes = recorded.Calls.Where(call => IsSync(call) || call.Name is "pwrite64" or "rename" or "unlink" or "mkdir" or "ftruncate").ToLookup(call => call.Name == "pwrite64" && IsOn(call, "tieline.db"));
        long[][] moments = [.. new[] { told, Around(changes[true]), Around(changes[false]) }.Select(all => all.Where(at => at != long.MaxValue).Order().ToArray())];
        return [.. Enumerable.Range(0, _cuts).Select(i => moments[i % 3][chance.Next(moments[i % 3].Length)]).Order()];
    }

    private static IEnumerable<long> Around(IEnumerable<SystemCall> calls) => calls.SelectMany(call => (long[])[call.Begun, call.Returned]);

    /// <summary>A message of the middle of the talk whose acknowledgement came before any later sync of the log returned, and its sync: whatever was acknowledged by then is on the disk by that.</summary>
    private (Said Said, SystemCall Sync) InTheMiddle()
    {
        var syncs = recorded.Calls.Where(call => IsSync(call) && IsOn(call, "tieline.db-wal")).ToList();
        SystemCall SyncOf(Said said)
        {
            var write = WriteOf(said);
            return syncs.First(sync => sync.Begun >= write.Returned);
        }

        return Talk.Said.Where(said => said.IsAcknowledged).OrderBy(said => said.AcknowledgedAt).Skip(Talk.Acknowledged / 2)
            .Select(said => (Said: said, Sync: SyncOf(said)))
            .First(found => !syncs.Exists(sync => sync.Returned > found.Sync.Returned && sync.Returned <= found.Said.AcknowledgedAt));
    }

    /// <summary>The write that took a message to the log.</summary>
    private SystemCall WriteOf(Said said)
    {
        // As strace writes it down: the record is long, and most of it is not what is looked for.
        var id = string.Concat(Encoding.UTF8.GetBytes(said.ClientId).Select(letter => $"\\x{letter:x2}"));
        return recorded.Calls.First(call => call.Name == "pwrite64" && call.Begun < said.AcknowledgedAt && IsOn(call, "tieline.db-wal") && call.Arguments[1].Contains(id, StringComparison.Ordinal));
    }

    /// <summary>A cut of these calls at a moment, with nothing on the disk but what is certain, held against what was promised up to another.</summary>
    private async Task<IReadOnlyList<string>> CutAsync(IEnumerable<SystemCall> calls, long moment, long promised)
    {
        var disk = new Disk(calls, recorded.Root, Disk.Names.InOrderAndWithTheFile);
        disk.AdvanceTo(moment);
        return await ExamineAsync(WriteDown(new Wreck(disk, new Random(_seed), nothingMore: true)), promised, byExecutable: false);
    }

    private static string WriteDown(Wreck wreck)
    {
        var folder = Directory.CreateTempSubdirectory("tieline-wreck-").FullName;
        wreck.WriteTo(folder);
        return folder;
    }

    private async Task<IReadOnlyList<string>> ExamineAsync(string folder, long promised, bool byExecutable)
    {
        if (!byExecutable)
        {
            try
            {
                return await Survivor.ExamineAsync(Path.Combine(folder, "data"), Talk, promised);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        await using var server = await TielineServer.StartInAsync(folder, "--sends-per-s", "0", "--commands-per-s", "0", "--anonymous-per-s", "0");
        var entrance = Entrance.Of(server);
        using (entrance.Handler) return await Survivor.AskAsync(entrance, Talk, promised);
    }

    private static bool IsSync(SystemCall call) => call.Name is "fsync" or "fdatasync";

    private static bool IsOn(SystemCall call, string file) => Path.GetFileName(call.Path(0)) == file;
}
