using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;

namespace Tieline.Server.Accounts;

/// <summary>
/// Passwords are kept as argon2id with 19 MiB, two passes, one lane (OWASP's first recommendation), in the text form of the PHC string format.
/// Each hash names its own costs, so they can be raised later.
/// </summary>
internal sealed class Passwords
{
    private const int MemoryKiB = 19_456;
    private const int Passes = 2;
    private const int Lanes = 1;
    private const int HashLength = 32;
    private const int SaltLength = 16;

    // Each hash takes 19 MiB for some 50 ms: unbounded logins would be a way to fill the memory.
    private readonly SemaphoreSlim _slots = new(Math.Max(1, Environment.ProcessorCount));

    /// <summary>Compared against when nobody has that e-mail, so that the answer takes as long.</summary>
    private readonly Lazy<string> _nobody = new(() => Hash("nobody's password"));

    public async Task<string> HashAsync(string password, CancellationToken cancel) => await InSlot(() => Hash(password), cancel);

    public async Task<bool> VerifyAsync(string password, string? hash, CancellationToken cancel) =>
        await InSlot(() => Verify(password, hash ?? _nobody.Value) && hash is not null, cancel);

    internal static string Hash(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        return string.Create(CultureInfo.InvariantCulture,
            $"$argon2id$v=19$m={MemoryKiB},t={Passes},p={Lanes}${Encode(salt)}${Encode(Compute(password, salt, HashLength, MemoryKiB, Passes, Lanes))}");
    }

    internal static bool Verify(string password, string hash)
    {
        var parts = hash.Split('$');
        if (parts is not ["", "argon2id", "v=19", var costs, var salt, var expected]) return false;
        try
        {
            if (costs.Split(',').Select(cost => int.Parse(cost.AsSpan(2), CultureInfo.InvariantCulture)).ToArray() is not [var memory, var passes, var lanes]) return false;
            var wanted = Decode(expected);
            return CryptographicOperations.FixedTimeEquals(wanted, Compute(password, Decode(salt), wanted.Length, memory, passes, lanes));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException)
        {
            return false;
        }
    }

    private static byte[] Compute(string password, byte[] salt, int length, int memory, int passes, int lanes)
    {
        var generator = new Argon2BytesGenerator();
        generator.Init(new Argon2Parameters.Builder(Argon2Parameters.Argon2id).WithVersion(Argon2Parameters.Version13)
            .WithMemoryAsKB(memory).WithIterations(passes).WithParallelism(lanes).WithSalt(salt).Build());
        var hash = new byte[length];
        generator.GenerateBytes(Encoding.UTF8.GetBytes(password), hash);
        return hash;
    }

    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    private static byte[] Decode(string text) => Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));

    private async Task<T> InSlot<T>(Func<T> work, CancellationToken cancel)
    {
        await _slots.WaitAsync(cancel);
        try
        {
            return await Task.Run(work, cancel);
        }
        finally
        {
            _slots.Release();
        }
    }
}
