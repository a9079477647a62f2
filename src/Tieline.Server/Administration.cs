using Microsoft.Extensions.Logging.Abstractions;
using Tieline.Core.Accounts;
using Tieline.Core.Delivery;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Server.Accounts;
using Tieline.Server.Configuration;

namespace Tieline.Server;

/// <summary>What the command line does to a data folder, also while a server runs on it.</summary>
public static class Administration
{
    public static string NewId() => ChatServer.NewId();

    /// <summary>A token of an account, as login would give it.</summary>
    /// <exception cref="ConfigurationException">There is no shared secret to sign with.</exception>
    public static string IssueToken(TielineOptions options, string email)
    {
        var secret = JwtSecrets.Load(options) ?? throw new ConfigurationException(["There is no shared secret to sign with: set jwt_secret_file."]);
        using var http = new HttpClient();
        return new Tokens(options, secret, new SigningKeys(options, secret, http, TimeProvider.System, NullLogger.Instance), TimeProvider.System).Issue(email, null);
    }

    /// <exception cref="Sqlite.NewerDataException">The data folder was written by a newer version.</exception>
    public static AccountWriter OpenAccounts(TielineOptions options) => new(Stores.Open(options, TimeProvider.System, new Feeds(), NullLogger.Instance));

    /// <summary>Adds accounts. It only adds rows that a running server looks up anew each time.</summary>
    public sealed class AccountWriter : IAsyncDisposable
    {
        private readonly IMessageStore _store;

        internal AccountWriter(IMessageStore store) => _store = store;

        /// <param name="password">Null: the account logs in by tokens only.</param>
        /// <returns>Null when it was stored, else why not.</returns>
        public async Task<string?> AddAsync(AccountDraft draft, string? password, bool replace)
        {
            if (password is not null && AccountRules.CheckPassword(password) is { } weak) return weak;
            var hashed = password is null ? draft : draft with { PasswordHash = Passwords.Hash(password) };
            return await _store.SubmitAsync(new AddAccount(hashed, replace)) is Refused refused ? refused.Why : null;
        }

        public ValueTask DisposeAsync() => _store.DisposeAsync();
    }
}
