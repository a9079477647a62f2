using CsCheck;
using Tieline.Core.Accounts;
using Tieline.Core.Ledgers;

namespace Tieline.Core.Tests.Ledgers;

/// <summary>How commands happen to fall into batches is luck. It must not show.</summary>
public sealed class BatchRules
{
    private enum Ending
    {
        /// <summary>The next command goes into the same batch.</summary>
        GoesOn,
        Commits,

        /// <summary>The commit fails, and the batch is tried again.</summary>
        FailsFirst,
    }

    private sealed record Step(int Kind, int Who, int Whom, int Number, Ending Ending);

    private static readonly Gen<Ending> _ending = Gen.Frequency((6, Gen.Const(Ending.GoesOn)), (1, Gen.Const(Ending.Commits)), (1, Gen.Const(Ending.FailsFirst)));

    private static readonly Gen<Step[]> _steps = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 2], Gen.Int[1, 2], Gen.Int[0, 12], _ending,
        (kind, who, other, number, ending) => new Step(kind, who, (who + other) % 3, number, ending)).Array[1, 60];

    [Fact]
    public void The_same_commands_give_the_same_answers_and_logs_however_they_are_batched() => _steps.Sample(steps =>
    {
        var (alone, batched) = (new Book(), new Book());
        var expected = steps.Select(step => alone.Do(CommandOf(alone, step))).ToList();

        var outcomes = new List<Outcome>();
        var batch = new List<Command>();
        foreach (var step in steps)
        {
            batch.Add(CommandOf(batched, step));
            if (step.Ending == Ending.GoesOn) continue;
            if (step.Ending == Ending.FailsFirst) batched.Fail([.. batch]);
            outcomes.AddRange(batched.Batch([.. batch]));
            batch.Clear();
        }

        outcomes.AddRange(batched.Batch([.. batch]));

        Normal(batched, outcomes).ShouldBe(Normal(alone, expected));
        Assert.Equal(Rows(alone), Rows(batched));
        foreach (var (one, other) in ((Account, Account)[])[(alone.Ada, batched.Ada), (alone.Bob, batched.Bob), (alone.Cy, batched.Cy)])
            Assert.Equal(alone.Log(one).Select(frame => Named(alone, $"{frame}")), batched.Log(other).Select(frame => Named(batched, $"{frame}")));
    }, iter: 300);

    [Fact]
    public void After_any_commands_the_numbers_are_dense_and_the_unread_are_what_a_count_would_give() => _steps.Sample(steps =>
    {
        var book = new Book();
        book.Batch([.. steps.Select(step => CommandOf(book, step))]);

        foreach (var account in (Account[])[book.Ada, book.Bob, book.Cy])
            book.Positions(account).ShouldBe(Enumerable.Range(1, book.Positions(account).Count).Select(pos => (long)pos));
        foreach (var conversation in book.Facts.Messages.GroupBy(message => message.Conversation))
            conversation.Select(message => message.Wire.Seq).ShouldBe(Enumerable.Range(1, conversation.Count()).Select(seq => (long)seq));
        foreach (var member in book.Facts.Members)
        {
            var seen = Math.Max(member.ReadSeq, member.HiddenSeq);
            var unread = book.Facts.Messages.Count(message => message.Conversation == member.Conversation && message.Sender != member.Account && message.Wire.Seq > seen);
            member.Unread.ShouldBe(unread, $"{member.AccountId} in {member.Conversation}");
            member.DeliveredSeq.ShouldBeGreaterThanOrEqualTo(member.ReadSeq);
        }
    }, iter: 300);

    private static Command CommandOf(Book book, Step step)
    {
        Account[] people = [book.Ada, book.Bob, book.Cy];
        var (who, whom) = (people[step.Who], people[step.Whom]);
        var target = new ConversationTarget(whom, null);
        return step.Kind switch
        {
            // Few client_ids, so that resends and conflicts are common.
            <= 4 => new Send(who, $"c{step.Number}", whom, null, step.Number % 4 == 0 ? whom.Id : "hi"),
            5 or 6 => new MoveReceipt(who, target, step.Number % 5, step.Number % 4),
            7 => new MoveReceipt(who, target, 0, long.MaxValue),
            8 => new Clear(who, target, step.Number % 3 == 0 ? step.Number % 5 : null),
            _ => new ChangeRelation(who, whom, (RelationChange)(step.Number % 4)),
        };
    }

    private static IEnumerable<string> Normal(Book book, IEnumerable<Outcome> outcomes) => outcomes.Select(outcome => Named(book, $"{outcome}"));

    private static IEnumerable<string> Rows(Book book) => book.Facts.Members
        .Select(member => $"{Pair(book, member)} {member.AccountId}: {member.Activity} {member.Unread} {member.DeliveredSeq} {member.ReadSeq} {member.HiddenSeq} {member.ShownDeliveredSeq} {member.ShownReadSeq}")
        .Order(StringComparer.Ordinal);

    private static string Pair(Book book, MemberState member) => string.Join('+', book.Facts.FindConversation(member.Conversation)!.Members.Select(other => other.AccountId));

    /// <summary>A failed batch has used up conversation ids: what counts is whose conversation it is.</summary>
    private static string Named(Book book, string text)
    {
        foreach (var conversation in book.Facts.Members.Select(member => book.Facts.FindConversation(member.Conversation)!).DistinctBy(state => state.Key).OrderByDescending(state => state.Id.Length))
            text = text.Replace(conversation.Id, string.Join('+', conversation.Members.Select(member => member.AccountId)), StringComparison.Ordinal);
        return text;
    }
}
