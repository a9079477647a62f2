using System.Formats.Tar;
using Tieline.Server.Configuration;
using Tieline.Server.Tests.Attachments;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests;

public sealed class BackupTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tieline-backup-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_backup_taken_from_a_running_server_comes_back_under_a_new_epoch()
    {
        var (data, backup) = (Path.Combine(_folder, "data"), Path.Combine(_folder, "backup.db"));
        var options = new TielineOptions { Data = data };
        string cursor;
        await using (var server = await RunningServer.StartAsync(folder: data))
        {
            var (ada, bob) = (await server.AddPersonAsync("ada"), await server.AddPersonAsync("bob"));
            await ada.SendAsync(bob, "kept");
            Backups.Create(options, backup);
            await ada.SendAsync(bob, "lost by the restore");
            cursor = $"{server.Store.Epoch}.2";
        }

        var (before, _) = Backups.Restore(options, backup, DateTimeOffset.UnixEpoch);

        before.ShouldBe(Path.Combine(data, "tieline.db.before-19700101T000000Z"));
        File.Exists(before).ShouldBeTrue();
        await using var restored = await RunningServer.StartAsync(folder: data);
        cursor.ShouldNotStartWith(restored.Store.Epoch);
        var (_, list) = await restored.CallAsync(HttpMethod.Get, "/api/chat/list", restored.TokenFor("bob@example.org"));
        list[0].GetProperty("last_message").GetString().ShouldBe("kept");
        var (_, sync) = await restored.CallAsync(HttpMethod.Get, $"/api/chat/sync?since={cursor}", restored.TokenFor("bob@example.org"));
        sync.GetProperty("frames")[0].GetProperty("type").GetString().ShouldBe("snapshot");
    }

    [Fact]
    public async Task Nothing_is_overwritten_and_nothing_restored_under_a_running_server()
    {
        var (data, backup) = (Path.Combine(_folder, "data"), Path.Combine(_folder, "backup.db"));
        var options = new TielineOptions { Data = data };
        Should.Throw<ConfigurationException>(() => Backups.Create(options, backup)).Message.ShouldContain("no database");
        await using var server = await RunningServer.StartAsync(folder: data);
        Backups.Create(options, backup);

        Should.Throw<ConfigurationException>(() => Backups.Create(options, backup)).Message.ShouldContain("exists already");
        Should.Throw<ConfigurationException>(() => Backups.Restore(options, backup, DateTimeOffset.UtcNow)).Message.ShouldContain("another Tieline is running");
    }

    [Fact]
    public async Task Attachments_are_in_a_backup_and_come_back_with_it()
    {
        var (data, backup, elsewhere) = (Path.Combine(_folder, "data"), Path.Combine(_folder, "backup.tar"), Path.Combine(_folder, "elsewhere"));
        var bytes = Enumerable.Range(0, 100_000).Select(i => (byte)i).ToArray();
        await using (var server = await RunningServer.StartAsync(folder: data))
        {
            var (ada, bob) = (await server.AddPersonAsync("ada"), await server.AddPersonAsync("bob"));
            await Sent.SendAsync(ada, bob, await Tus.UploadAsync(ada, bytes));
            Backups.Create(new TielineOptions { Data = data }, backup).ShouldBe(1);
        }

        Directory.GetFiles(_folder, "backup.tar*").ShouldBe([backup]);
        Backups.Restore(new TielineOptions { Data = elsewhere }, backup, DateTimeOffset.UtcNow).ShouldBe((null, 1));

        await using var restored = await RunningServer.StartAsync(folder: elsewhere);
        var (_, list) = await restored.CallAsync(HttpMethod.Get, "/api/chat/conversations", restored.TokenFor("bob@example.org"));
        var url = list.GetProperty("conversations")[0].GetProperty("last").GetProperty("attachments")[0].GetProperty("url").GetString()!;
        (await restored.Http.GetByteArrayAsync(url)).ShouldBe(bytes);
    }

    [Fact]
    public async Task A_database_alone_is_a_backup_too_as_older_versions_wrote_it()
    {
        var (data, backup) = (Path.Combine(_folder, "data"), Path.Combine(_folder, "old.db"));
        await using (await RunningServer.StartAsync(folder: data)) { }
        using (var database = Tieline.Server.Sqlite.SqliteConnection.Open(Path.Combine(data, "tieline.db"), create: false, TimeSpan.FromSeconds(5))) database.Execute($"VACUUM INTO '{backup}'");

        Backups.Restore(new TielineOptions { Data = data }, backup, DateTimeOffset.UtcNow).Files.ShouldBe(0);
        await using var restored = await RunningServer.StartAsync(folder: data);
    }

    [Fact]
    public void An_archive_puts_nothing_outside_of_the_folder_of_files()
    {
        var (archive, data) = (Path.Combine(_folder, "bad.tar"), Path.Combine(_folder, "data"));
        using (var tar = new TarWriter(File.Create(archive)))
        {
            foreach (var name in (string[])["../escaped", "files/../../escaped", "files/..", "files/ab/../../x", "/etc/escaped", "files/ab/cd", "jwt-secret", "files/ab/abc"])
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream([1]) });
            tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "files/ab/abd") { LinkName = "/etc" });
        }

        Should.Throw<ConfigurationException>(() => Backups.Restore(new TielineOptions { Data = data }, archive, DateTimeOffset.UtcNow)).Message.ShouldContain("no backup");
        Directory.GetFiles(_folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_folder, path)).Where(path => !path.Contains("lock", StringComparison.Ordinal))
            .ShouldBe(["bad.tar", "data/files/ab/abc"], ignoreOrder: true);
    }

    [Fact]
    public void What_is_no_backup_is_refused_and_leaves_the_folder_as_it_was()
    {
        var rubbish = Path.Combine(_folder, "rubbish");
        File.WriteAllText(rubbish, new string('x', 10_000));

        Should.Throw<ConfigurationException>(() => Backups.Restore(new TielineOptions { Data = _folder }, rubbish, DateTimeOffset.UtcNow)).Message.ShouldContain("no backup");
        Directory.GetFiles(_folder, "tieline.db*").ShouldBeEmpty();
    }
}
