using System.Text;

namespace Tieline.EndToEnd.Tests.PowerLoss;

/// <summary>The disk on paper is only worth what its rules are.</summary>
public sealed class DiskTests : IDisposable
{
    private const long End = 1_000;
    private readonly string _folder = Directory.CreateTempSubdirectory("tieline-disk-").FullName;
    private readonly List<SystemCall> _calls = [];

    [Fact]
    public void What_was_written_is_certain_when_a_sync_that_began_later_has_returned()
    {
        Make("a", 10);
        Write("a", 0, "old", 20, 21);
        Sync("a", 30, 50);
        Sync("", 51, 52);

        (After(49), After(50)).ShouldBe(("", ""), "nobody knows of the name");
        After(52).ShouldBe("a=old");
        (CertainlyIn(49, "a"), CertainlyIn(50, "a")).ShouldBe(("", "old"));
    }

    [Fact]
    public void A_write_that_had_not_returned_when_the_sync_began_is_not_covered_by_it()
    {
        Make("a", 10);
        Write("a", 0, "x", 20, 31);
        Sync("a", 30, 50);

        CertainlyIn(60, "a").ShouldBe("");
    }

    [Fact]
    public void A_sync_that_never_returned_counts_for_nothing()
    {
        Make("a", 10);
        Write("a", 0, "x", 20, 21);
        Sync("a", 30, long.MaxValue);

        CertainlyIn(End, "a").ShouldBe("");
    }

    [Fact]
    public void A_journal_writes_the_name_with_the_file_and_what_was_named_before_it()
    {
        Make("a", 10);
        Make("b", 11);
        Make("c", 12);
        Write("b", 0, "x", 20, 21);
        Sync("b", 30, 40);

        After(40, Disk.Names.InOrderAndWithTheFile).ShouldBe("a= b=x");
        After(40).ShouldBe("");
    }

    [Fact]
    public void A_new_name_is_there_with_the_sync_of_the_folder_and_the_old_one_until_then()
    {
        Make("a", 10);
        Write("a", 0, "x", 20, 21);
        Sync("a", 22, 23);
        Sync("", 24, 25);
        Call("rename", 30, 31, Text("a"), Text("b"));

        After(40).ShouldBe("a=x");
        Sync("", 50, 51);
        After(60).ShouldBe("b=x");
    }

    [Fact]
    public void What_is_cut_off_and_written_again_has_zeros_where_nothing_came()
    {
        Make("a", 10);
        Write("a", 0, "abcdef", 20, 21);
        Call("ftruncate", 22, 23, Descriptor("a"), "2");
        Write("a", 4, "x", 24, 25);
        Sync("a", 26, 27);

        CertainlyIn(30, "a").ShouldBe("ab\0\0x");
    }

    [Fact]
    public void Chance_makes_every_mixture_of_what_is_not_certain_and_leaves_the_rest_alone()
    {
        Make("a", 10);
        Write("a", 0, new string('o', 1_536), 20, 21);
        Sync("a", 22, 23);
        Sync("", 24, 25);
        Write("a", 0, new string('n', 1_024), 30, 31);
        Write("a", 1_024, "t", 32, 33);

        var seen = Enumerable.Range(0, 300).Select(seed => Wrecked(new Random(seed))).Distinct().ToList();
        seen.ShouldAllBe(content => content.Length == "a=".Length + 1_536 && content.EndsWith(new string('o', 511)));
        // Three sectors, each old or new.
        seen.Count.ShouldBe(8);
    }

    [Fact]
    public void A_call_that_the_disk_does_not_know_is_not_passed_over()
    {
        Call("copy_file_range", 10, 11, "3</elsewhere>", "NULL", Descriptor("a"), "NULL", "10", "0");

        Should.Throw<InvalidOperationException>(() => After(20)).Message.ShouldContain("copy_file_range");
    }

    [Fact]
    public void A_line_that_strace_broke_in_two_is_one_call_that_returned_at_its_second_half()
    {
        var record = Path.Combine(_folder, "record");
        File.WriteAllLines(record,
        [
            @"7  1.000000100 pwrite64(3<\x2f\x61>, ""\x68\x69"", 2, 4096 <unfinished ...>",
            @"8  1.000000200 fdatasync(3<\x2f\x61>) = 0 <0.000000050>",
            @"8  1.000000280 openat(AT_FDCWD<\x2f>, ""\x2f\x62"", O_RDONLY) = -1 ENOENT (No such file or directory) <0.000000010>",
            @"7  1.000000300 <... pwrite64 resumed>) = 1 <0.000000200>",
            @"7  1.000000400 fdatasync(3<\x2f\x61> <detached ...>",
            @"8  1.000000500 +++ killed by SIGKILL +++",
        ]);

        var calls = Strace.Read(record);
        calls.Select(call => (call.Name, Begun: call.Begun - 1_000_000_000, Returned: call.Returned == long.MaxValue ? -1 : call.Returned - 1_000_000_000, call.Path(0)))
            .ShouldBe([("pwrite64", 100, 300, "/a"), ("fdatasync", 200, 250, "/a"), ("fdatasync", 400, -1, "/a")]);
        Encoding.ASCII.GetString(calls[0].Written).ShouldBe("h", "one of the two bytes was written");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Make(string name, long at) => Call("openat", at, at, "AT_FDCWD<\\x2f>", Text(name), "O_RDWR|O_CREAT", "0644");

    private void Write(string name, long offset, string text, long begun, long returned) =>
        Call("pwrite64", begun, returned, Descriptor(name), $"\"{text}\"", text.Length.ToString(), offset.ToString());

    private void Sync(string name, long begun, long returned) => Call("fsync", begun, returned, Descriptor(name));

    private void Call(string name, long begun, long returned, params string[] arguments) => _calls.Add(new SystemCall(name, arguments, begun, returned, long.MaxValue, ""));

    private static string Text(string name) => $"\"{PathOf(name)}\"";

    private static string Descriptor(string name) => $"3<{PathOf(name)}>";

    private static string PathOf(string name) => name.Length == 0 ? "/disk" : "/disk/" + name;

    /// <summary>What is on the disk for certain: names with content.</summary>
    private string After(long moment, Disk.Names names = Disk.Names.OnlyBySyncOfFolder)
    {
        var disk = new Disk(_calls, "/disk", names);
        disk.AdvanceTo(moment);
        return string.Join(' ', disk.Root.Durable.OrderBy(name => name.Key).Select(name => $"{name.Key}={ContentOf(name.Value)}"));
    }

    /// <summary>What is certain of a file whose name programs see.</summary>
    private string CertainlyIn(long moment, string name)
    {
        var disk = new Disk(_calls, "/disk", Disk.Names.OnlyBySyncOfFolder);
        disk.AdvanceTo(moment);
        return ContentOf(disk.Root.Live[name]);
    }

    private static string ContentOf(DiskNode node) => Encoding.ASCII.GetString(((DiskFile)node).CopyOfDurable().Content.Span);

    private string Wrecked(Random chance)
    {
        var disk = new Disk(_calls, "/disk", Disk.Names.OnlyBySyncOfFolder);
        disk.AdvanceTo(End);
        var folder = Path.Combine(_folder, Guid.NewGuid().ToString());
        new Wreck(disk, chance).WriteTo(folder);
        return string.Join(' ', Directory.GetFiles(folder).Select(file => $"{Path.GetFileName(file)}={File.ReadAllText(file)}"));
    }
}
