using System.CommandLine;
using Tieline.Server;
using Tieline.Server.Configuration;
using Tieline.Server.Postgres;
using Tieline.Server.Sqlite;

namespace Tieline.Cli.Commands;

/// <summary><c>tieline migrate</c>: from the SQLite file into a PostgreSQL database.</summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        var command = new Command("migrate", "Move a chat from its data folder into a PostgreSQL database, with the same ids. Stop the server first; started again, it goes on where it was.");
        var from = new Option<string>("--from") { Required = true, Description = "The data folder. Its database is only read." };
        var to = new Option<string>("--to") { Required = true, Description = "An empty database: postgres://user@host/database. The password may stand in PGPASSWORD." };
        var newEpoch = new Option<bool>("--new-epoch") { Description = "Clients start from a snapshot instead of resuming." };
        command.Options.Add(from);
        command.Options.Add(to);
        command.Options.Add(newEpoch);
        command.SetAction(parsed =>
        {
            try
            {
                Migrations.ToPostgres(parsed.GetValue(from)!, parsed.GetValue(to)!, parsed.GetValue(newEpoch), Console.WriteLine);
                Console.WriteLine("Moved. Start the server with this database as its --store.");
                return ExitCodes.Done;
            }
            catch (ConfigurationException e)
            {
                return ExitCodes.CannotRun(e.Problems);
            }
            catch (Exception e) when (e is NewerDataException or NewerDatabaseException or UnfitDatabaseException or IOException or UnauthorizedAccessException)
            {
                return ExitCodes.CannotRun([e.Message]);
            }
        });
        return command;
    }
}
