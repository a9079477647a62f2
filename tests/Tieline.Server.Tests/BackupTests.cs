using Tieline.Server.Configuration;
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

        var before = Backups.Restore(options, backup, DateTimeOffset.UnixEpoch);

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
    public void What_is_no_backup_is_refused_and_leaves_the_folder_as_it_was()
    {
        var rubbish = Path.Combine(_folder, "rubbish");
        File.WriteAllText(rubbish, new string('x', 10_000));

        Should.Throw<ConfigurationException>(() => Backups.Restore(new TielineOptions { Data = _folder }, rubbish, DateTimeOffset.UtcNow)).Message.ShouldContain("no backup");
        Directory.GetFiles(_folder, "tieline.db*").ShouldBeEmpty();
    }
}
