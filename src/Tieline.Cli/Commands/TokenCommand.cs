using System.CommandLine;
using Tieline.Core.Accounts;
using Tieline.Server;
using Tieline.Server.Configuration;

namespace Tieline.Cli.Commands;

/// <summary><c>tieline token</c>: a token for an account, signed with this server's secret. For trying things out and for scripts on the server's machine.</summary>
internal static class TokenCommand
{
    public static Command Create()
    {
        var command = new Command("token", "Print a token for an account, signed with the server's secret.");
        var email = new Option<string>("--email") { Required = true, Description = "E-mail of the account." };
        command.Options.Add(email);
        var settings = SettingOptions.AddTo(command);
        command.SetAction(parsed =>
        {
            try
            {
                var wrong = AccountRules.CheckEmail(parsed.GetValue(email)!);
                if (wrong is not null) return ExitCodes.CannotRun([$"--email: {wrong}"]);
                Console.WriteLine(Administration.IssueToken(settings.Load(parsed), AccountRules.NormalizeEmail(parsed.GetValue(email)!)));
                return ExitCodes.Done;
            }
            catch (ConfigurationException e)
            {
                return ExitCodes.CannotRun(e.Problems);
            }
        });
        return command;
    }
}
