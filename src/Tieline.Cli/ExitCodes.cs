namespace Tieline.Cli;

/// <summary>What a command tells the script that called it.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Misused = 2;

    /// <summary>It could not run at all: says why, a line each, on standard error.</summary>
    public static int CannotRun(IReadOnlyList<string> problems)
    {
        foreach (var problem in problems) Console.Error.WriteLine("tieline: " + problem);
        return Misused;
    }
}
