using System.CommandLine;
using Tieline.Server;
using Tieline.Server.Configuration;
using Tieline.Server.Sqlite;

namespace Tieline.Cli.Commands;

/// <summary><c>tieline backup</c> and <c>tieline restore</c>.</summary>
internal static class BackupCommands
{
    public static Command CreateBackup()
    {
        var command = new Command("backup", "Write the database and the attachments into one archive (tar), also while the server runs.");
        var file = AddFile(command, "The file to write; it must not exist.");
        var settings = SettingOptions.AddTo(command);
        command.SetAction(parsed => Guard(() =>
        {
            var files = Backups.Create(settings.Load(parsed), parsed.GetValue(file)!);
            Console.WriteLine($"Backed up to {parsed.GetValue(file)}, {(files is null ? "without the attachments: they are in their bucket" : $"with {files} files of attachments")}.");
        }));
        return command;
    }

    public static Command CreateRestore()
    {
        var command = new Command("restore", "Put a backup in the place of the database, and its attachments back. Stop the server first; the old database is kept beside it.");
        var file = AddFile(command, "The backup.");
        var settings = SettingOptions.AddTo(command);
        command.SetAction(parsed => Guard(() =>
        {
            var (kept, files) = Backups.Restore(settings.Load(parsed), parsed.GetValue(file)!, DateTimeOffset.UtcNow);
            Console.WriteLine($"Restored from {parsed.GetValue(file)}, under a new epoch: clients start from a snapshot. {files} files of attachments came back.{(kept is null ? "" : $" The database before lies in {kept}.")}");
        }));
        return command;
    }

    private static Argument<string> AddFile(Command command, string description)
    {
        var file = new Argument<string>("file") { Description = description };
        command.Arguments.Add(file);
        return file;
    }

    private static int Guard(Action action)
    {
        try
        {
            action();
            return ExitCodes.Done;
        }
        catch (ConfigurationException e)
        {
            return ExitCodes.CannotRun(e.Problems);
        }
        catch (Exception e) when (e is NewerDataException or IOException or UnauthorizedAccessException)
        {
            return ExitCodes.CannotRun([e.Message]);
        }
    }
}
