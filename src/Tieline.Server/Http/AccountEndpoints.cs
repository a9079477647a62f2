using System.Text.Json;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;
using Tieline.Core.Storage;
using Tieline.Protocol;
using Tieline.Server.Configuration;

namespace Tieline.Server.Http;

/// <summary>Sign-up, login, me. Off when accounts come from somebody else.</summary>
internal static class AccountEndpoints
{
    private const int MaxBody = 16 * 1024;
    private static readonly string[] _fields = ["email", "password", "username", "full_name"];

    public static void Map(Routes routes, TielineOptions options)
    {
        if (options.Accounts == AccountSource.Builtin)
        {
            routes.Map("/api/auth/signup", ("POST", SignUpAsync));
            routes.Map("/api/auth/login", ("POST", LogInAsync));
        }

        routes.Map("/api/auth/me", ("GET", MeAsync));
    }

    private static async Task SignUpAsync(ApiRequest request)
    {
        Limit(request);
        var fields = await ReadFieldsAsync(request);
        var email = Required(fields, "email");
        var password = Required(fields, "password");
        var username = fields.GetValueOrDefault("username");
        var draft = new AccountDraft(ChatServer.NewId(), email, fields.GetValueOrDefault("full_name") ?? username ?? email.Split('@')[0],
            string.IsNullOrEmpty(username) ? null : username);
        // Checked before the password is hashed, so that what is refused anyway costs nothing.
        if ((AccountRules.CheckPassword(password) ?? AccountRules.Check(draft)) is { } wrong) throw new RefusedRequestException(WireError.Invalid, wrong, 422);

        var hash = await request.Server.Passwords.HashAsync(password, request.Cancel);
        var outcome = await request.Store.SubmitAsync(new AddAccount(draft with { PasswordHash = hash }));
        if (outcome is Refused refused) throw new RefusedRequestException(refused.Error, refused.Why, refused.Error == WireError.Conflict ? 400 : null);
        var account = ((AccountAdded)outcome).Account;
        ServerLog.SignedUp(request.Server.Log, account.Id);
        await TokenAsync(request, account);
    }

    private static async Task LogInAsync(ApiRequest request)
    {
        Limit(request);
        var fields = await ReadFieldsAsync(request);
        var (email, password) = (Required(fields, "username"), Required(fields, "password"));
        var address = request.Server.Proxies.ClientAddress(request.Context);
        ApiRequest.Limit(request.Server.Logins.TryTake((address, AccountRules.NormalizeEmail(email))), "Too many logins to this account from this address; wait a little.");
        var account = await request.Store.FindAccountAsync(AccountLookup.Email, email, request.Cancel);
        var hash = account is null ? null : await request.Store.FindPasswordHashAsync(account.Key, request.Cancel);
        if (!await request.Server.Passwords.VerifyAsync(password, hash, request.Cancel)) throw new RefusedRequestException(WireError.Unauthorized, "Incorrect email or password");
        await TokenAsync(request, account!);
    }

    private static async Task MeAsync(ApiRequest request)
    {
        var account = (await request.IdentifyAsync()).Account;
        await request.Context.ObjectAsync(json =>
        {
            json.WriteString("id", account.Id);
            json.WriteString("email", account.Email);
            json.WriteString("full_name", account.Name);
            json.WriteString("username", account.Username);
            json.WriteString("profile_picture", account.Avatar);
            json.WriteString("account_type", account.AccountType);
        });
    }

    private static Task TokenAsync(ApiRequest request, Account account) => request.Context.ObjectAsync(json =>
    {
        json.WriteString("access_token", request.Server.Tokens.Issue(account.Email!, account.AccountType));
        json.WriteString("token_type", "bearer");
    });

    private static void Limit(ApiRequest request)
    {
        var wait = request.Server.Signups.TryTake(request.Server.Proxies.ClientAddress(request.Context));
        if (wait > TimeSpan.Zero) throw new RefusedRequestException(WireError.RateLimited, "Too many attempts from this address; wait a little.", retryAfter: wait);
    }

    /// <summary>The text fields of a JSON object or a form: the old app signs up by one and logs in by the other, and either is fine.</summary>
    private static async Task<Dictionary<string, string>> ReadFieldsAsync(ApiRequest request)
    {
        var body = await request.BodyAsync(MaxBody);
        if (request.Context.Request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true)
            return ReadForm(System.Text.Encoding.UTF8.GetString(body.Span));
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new RefusedRequestException(WireError.Invalid, "The body must be a JSON object or a form.", 422);
            var fields = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var field in document.RootElement.EnumerateObject())
            {
                if (!_fields.Contains(field.Name) || field.Value.ValueKind == JsonValueKind.Null) continue;
                if (field.Value.ValueKind != JsonValueKind.String) throw new RefusedRequestException(WireError.Invalid, $"{field.Name} must be text.", 422);
                fields[field.Name] = field.Value.GetString()!;
            }

            return fields;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new RefusedRequestException(WireError.Invalid, "The body must be a JSON object or a form.", 422);
        }
    }

    private static Dictionary<string, string> ReadForm(string form)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in form.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            fields[Decode(parts[0])] = parts.Length > 1 ? Decode(parts[1]) : "";
        }

        return fields;

        static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
    }

    private static string Required(Dictionary<string, string> fields, string name) =>
        fields.GetValueOrDefault(name) is { Length: > 0 } value ? value : throw new RefusedRequestException(WireError.Invalid, $"{name} is missing.", 422);
}
