using System.Globalization;

namespace Tieline.Protocol.Tests;

public sealed class ErrorTableTests
{
    private static string[][] Table(string heading) =>
        [.. File.ReadLines(Path.Combine(GoldenFiles.Folder, "errors.md"))
            .SkipWhile(line => !line.StartsWith(heading, StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Split('|')[1..^1].Select(cell => cell.Trim().Trim('`')).ToArray())];

    [Fact]
    public void The_table_in_protocol_is_the_table_in_the_code() =>
        Table("| code |").Select(row => string.Join(' ', row)).ShouldBe(WireError.All.Select(error => string.Join(' ',
            error.Code, error.Status.ToString(CultureInfo.InvariantCulture), error.Retryable ? "yes" : "no", error.Close?.ToString(CultureInfo.InvariantCulture) ?? "")));

    [Fact]
    public void Every_code_is_found_by_its_word_and_stands_once()
    {
        WireError.All.Select(error => error.Code).ShouldBeUnique();
        foreach (var error in WireError.All) WireError.Find(error.Code).ShouldBeSameAs(error);
        WireError.Find("nonsense").ShouldBeNull();
    }

    [Fact]
    public void What_the_close_table_says_is_what_a_client_does()
    {
        foreach (var row in Table("| close code |"))
        {
            var expected = row[1].StartsWith("gets a fresh token", StringComparison.Ordinal) ? CloseAction.RefreshToken
                : row[1].StartsWith("stops", StringComparison.Ordinal) ? CloseAction.Stop : CloseAction.Retry;
            int[] codes = row[0] switch
            {
                "other 4400 to 4449" => [CloseCodes.NotJson, CloseCodes.Forbidden, CloseCodes.NotFound, 4402, 4449],
                "everything else" => [CloseCodes.Normal, 1001, 1005, 1006, CloseCodes.MessageTooBig, CloseCodes.InternalError, CloseCodes.ServiceRestart, CloseCodes.TryAgainLater, 3999, 4399, 4450],
                var one => [int.Parse(one, CultureInfo.InvariantCulture)],
            };
            codes.Select(CloseCodes.ActionFor).ShouldAllBe(action => action == expected, row[0]);
        }
    }
}
