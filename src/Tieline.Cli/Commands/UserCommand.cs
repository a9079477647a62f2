using System.CommandLine;
using System.Text.Json;
using Tieline.Core.Accounts;
using Tieline.Server;
using Tieline.Server.Configuration;
using Tieline.Server.Postgres;
using Tieline.Server.Sqlite;

namespace Tieline.Cli.Commands;

/// <summary><c>tieline user add</c> and <c>tieline user import</c>: accounts, also while the server runs.</summary>
internal static class UserCommand
{
    private const int MaxProblemsShown = 20;

    public static Command Create()
    {
        var command = new Command("user", "Add accounts, or import a host app's.");
        command.Subcommands.Add(CreateAdd());
        command.Subcommands.Add(CreateImport());
        return command;
    }

    private static Command CreateAdd()
    {
        var command = new Command("add", "Add one account. The password is read from TIELINE_PASSWORD; without one the account logs in by tokens only.");
        var email = new Option<string>("--email") { Required = true, Description = "E-mail; unique." };
        var name = new Option<string>("--name") { Required = true, Description = "The name that others see." };
        var id = new Option<string?>("--id") { Description = "Id, where the host app has one; else a new one is made." };
        var username = new Option<string?>("--username") { Description = "Short name; unique." };
        var avatar = new Option<string?>("--avatar") { Description = "Address of a picture." };
        var type = new Option<string?>("--account-type") { Description = "Free text, for example user or restaurant." };
        foreach (var option in (Option[])[email, name, id, username, avatar, type]) command.Options.Add(option);
        var settings = SettingOptions.AddTo(command);
        command.SetAction((parsed, _) => GuardAsync(async () =>
        {
            var draft = new AccountDraft(parsed.GetValue(id) ?? Administration.NewId(), parsed.GetValue(email), parsed.GetValue(name)!, parsed.GetValue(username),
                parsed.GetValue(avatar), parsed.GetValue(type));
            await using var accounts = Administration.OpenAccounts(settings.Load(parsed));
            var problem = await accounts.AddAsync(draft, Environment.GetEnvironmentVariable("TIELINE_PASSWORD"), replace: false);
            if (problem is not null) return ExitCodes.CannotRun([problem]);
            Console.WriteLine(draft.Id);
            return ExitCodes.Done;
        }));
        return command;
    }

    private static Command CreateImport()
    {
        var command = new Command("import", "Import accounts from a file with one JSON object a line: id, email, name, and optionally username, avatar, account_type. An id that exists is updated.");
        var file = new Argument<string>("file") { Description = "The file; - for standard input." };
        command.Arguments.Add(file);
        var settings = SettingOptions.AddTo(command);
        command.SetAction((parsed, _) => GuardAsync(async () =>
        {
            await using var accounts = Administration.OpenAccounts(settings.Load(parsed));
            using var lines = parsed.GetValue(file) == "-" ? Console.In : new StreamReader(parsed.GetValue(file)!);
            return await ImportAsync(accounts, lines);
        }));
        return command;
    }

    private static async Task<int> ImportAsync(Administration.AccountWriter accounts, TextReader lines)
    {
        var (done, refused, number) = (0, 0, 0);
        while (await lines.ReadLineAsync() is { } line)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line)) continue;
            var problem = Parse(line, out var draft) ?? await accounts.AddAsync(draft!, null, replace: true);
            if (problem is null) done++;
            else if (++refused <= MaxProblemsShown) Console.Error.WriteLine($"tieline: line {number}: {problem}");
        }

        Console.WriteLine($"{done} imported, {refused} refused");
        return refused == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    private static string? Parse(string line, out AccountDraft? draft)
    {
        draft = null;
        try
        {
            using var document = JsonDocument.Parse(line);
            string? Field(string name) => document.RootElement.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
                ? value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText() : null;
            if ((Field("id"), Field("name") ?? Field("full_name")) is not ({ } id, { } name)) return "id and name are needed.";
            draft = new AccountDraft(id, Field("email"), name, Field("username"), Field("avatar") ?? Field("profile_picture"), Field("account_type"));
            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "that is not a JSON object.";
        }
    }

    private static async Task<int> GuardAsync(Func<Task<int>> action)
    {
        try
        {
            return await action();
        }
        catch (ConfigurationException e)
        {
            return ExitCodes.CannotRun(e.Problems);
        }
        catch (Exception e) when (e is NewerDataException or NewerDatabaseException or UnfitDatabaseException or IOException or UnauthorizedAccessException)
        {
            return ExitCodes.CannotRun([e.Message]);
        }
    }
}
