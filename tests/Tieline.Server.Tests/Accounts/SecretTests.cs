using Tieline.Server.Accounts;
using Tieline.Server.Configuration;
using Tieline.Server.Tests.Running;

namespace Tieline.Server.Tests.Accounts;

public sealed class SecretTests
{
    [Fact]
    public async Task A_secret_is_generated_once_into_the_data_folder_for_the_owner_only()
    {
        var folder = Directory.CreateTempSubdirectory("tieline-test-").FullName;
        string token;
        await using (var first = await RunningServer.StartAsync(options => options with { JwtSecret = null }, folder))
            token = (await Answer.ToAsync(first, "POST", "/api/auth/signup", null, new StringContent("""{"email":"ada@example.org","password":"correct horse"}"""))).Json.GetProperty("access_token").GetString()!;
        var path = Path.Combine(folder, "jwt-secret");
        var secret = await File.ReadAllTextAsync(path);

        secret.Length.ShouldBe(64);
        JwtSecrets.Check(secret).ShouldBeNull();
        if (!OperatingSystem.IsWindows()) File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using (var second = await RunningServer.StartAsync(options => options with { JwtSecret = null }, folder))
        {
            (await Answer.ToAsync(second, "GET", "/api/auth/me", token)).Status.ShouldBe(200, "after a restart a token still counts");
            second.Log.Text.ShouldNotContain(secret);
        }

        (await File.ReadAllTextAsync(path)).ShouldBe(secret);
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("", "is too short: 0 bytes")]
    [InlineData("secret", "is too short: 6 bytes")]
    [InlineData("1234567890123456789012345678901", "is too short: 31 bytes")]
    [InlineData("09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7", "is a secret from a published example")]
    [InlineData("A-STRING-SECRET-AT-LEAST-256-BITS-LONG", "is a secret from a published example")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "repeats itself too much")]
    [InlineData("abcabcabcabcabcabcabcabcabcabcabcabcabc", "repeats itself too much")]
    [InlineData("0123456789abcdef0123456789abcdef", "repeats itself too much")]
    [InlineData("correct-horse!correct-horse!correct-horse!cor", "repeats itself too much")]
    public void A_secret_that_is_easy_to_guess_is_refused_and_not_repeated(string secret, string why)
    {
        var wrong = JwtSecrets.Check(secret);

        wrong.ShouldNotBeNull().ShouldStartWith(why);
        wrong.ShouldContain("openssl rand");
        if (secret.Length > 6) wrong.ShouldNotContain(secret);
    }

    [Theory]
    [InlineData(RunningServer.Secret)]
    [InlineData("schöne-Grüße-aus-dem-Süden-1234")]
    public void A_good_secret_is_taken(string secret) => JwtSecrets.Check(secret).ShouldBeNull();

    [Fact]
    public void A_secret_file_that_cannot_be_used_is_told_with_its_setting()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "short\n");

        Should.Throw<ConfigurationException>(() => JwtSecrets.Load(new TielineOptions { JwtSecretFile = file })).Problems
            .ShouldBe([$"jwt_secret_file: the secret in {file} is too short: 5 bytes, at least 32 are needed. `openssl rand -base64 48` makes a good one."]);
        Should.Throw<ConfigurationException>(() => JwtSecrets.Load(new TielineOptions { JwtSecretFile = file + ".none" })).Problems.Single().ShouldStartWith("jwt_secret_file: ");
        File.Delete(file);
    }
}
