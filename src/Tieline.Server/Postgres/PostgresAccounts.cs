using Tieline.Core.Accounts;

namespace Tieline.Server.Postgres;

/// <summary>What stands in the row of an account.</summary>
internal static class PostgresAccounts
{
    public static async Task<Standing> StandingAsync(PostgresReading reading, AccountKey account) =>
        await reading.OneAsync(new PostgresStatement("SELECT hidden, suspended_at FROM account WHERE key = $1").Add(account.Value), row => PostgresQueries.Standing(row, 0))
        ?? Standing.Good;
}
