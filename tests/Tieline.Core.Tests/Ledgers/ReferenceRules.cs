using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Tieline.Core.Accounts;
using Tieline.Core.Attachments;
using Tieline.Core.Ledgers;
using Tieline.Protocol;
using Tieline.Protocol.Frames;

namespace Tieline.Core.Tests.Ledgers;

/// <summary>What a message may answer, send on and name.</summary>
public sealed class ReferenceRules
{
    private readonly Book _book = new();
    private int _ids;

    [Fact]
    public void An_answer_quotes_what_was_said_when_it_was_sent()
    {
        var first = _book.Send(_book.Bob, _book.Ada, "pizza \"today\"?");

        var answer = Stored(Say(_book.Ada, _book.Bob) with { ReplyTo = first.Id });
        _book.Do(new Edit(_book.Bob, first.Id, "soup?"));

        answer.ReplyTo.ShouldBe(first.Id);
        answer.Quote.ShouldBe($$"""{"id":"{{first.Id}}","from_user":"bob","message":"pizza \"today\"?"}""");
        Newest().Quote.ShouldBe(answer.Quote);
    }

    [Fact]
    public void An_answer_may_come_in_the_batch_of_what_it_answers()
    {
        var outcomes = _book.Batch(Say(_book.Bob, _book.Ada) with { Text = "one" }, new Edit(_book.Bob, "conversation1.1", "1"), Say(_book.Ada, _book.Bob) with { ReplyTo = "conversation1.1" });

        outcomes.ShouldAllBe(outcome => outcome is Acknowledged || outcome is Changed);
        Newest().Quote.ShouldBe("""{"id":"conversation1.1","from_user":"bob","message":"1"}""");
    }

    [Theory]
    [InlineData("a", 300, 200)]
    [InlineData("👨‍👩‍👧", 201, 200)]
    [InlineData("👨‍👩‍👧", 12, 12)]
    [InlineData("e\u0301", 250, 200)]
    public void A_quote_has_the_first_two_hundred_characters_none_cut_in_two(string character, int said, int quoted)
    {
        var first = _book.Send(_book.Bob, _book.Ada, string.Concat(Enumerable.Repeat(character, said)));

        var text = QuotedText(Stored(Say(_book.Ada, _book.Bob) with { ReplyTo = first.Id }));

        text.ShouldBe(string.Concat(Enumerable.Repeat(character, quoted)));
    }

    [Fact]
    public void A_character_with_any_number_of_marks_makes_no_long_quote()
    {
        var marks = new string('\u0301', 1_500);
        var first = _book.Send(_book.Bob, _book.Ada, $"a{marks}b{marks}");

        QuotedText(Stored(Say(_book.Ada, _book.Bob) with { ReplyTo = first.Id })).ShouldBe($"a{marks}");
    }

    [Theory]
    [InlineData("{here}.2")]
    [InlineData("{here}.01")]
    [InlineData("{here}.0")]
    [InlineData("{here}")]
    [InlineData("{there}.1")]
    [InlineData("")]
    public void What_stands_in_another_chat_or_was_never_said_cannot_be_answered(string replyTo)
    {
        var (here, there) = (_book.Send(_book.Bob, _book.Ada), _book.Send(_book.Ada, _book.Cy));
        replyTo = replyTo.Replace("{here}", here.Conversation, StringComparison.Ordinal).Replace("{there}", there.Conversation, StringComparison.Ordinal);

        RefusalOf(Say(_book.Ada, _book.Bob) with { ReplyTo = replyTo }).ShouldBe(WireError.NotFound);
        RefusalOf(Say(_book.Bob, _book.Cy) with { ReplyTo = here.Id }).ShouldBe(WireError.NotFound);
        _book.Facts.FindDirect(_book.Bob.Key, _book.Cy.Key).ShouldBeNull();
    }

    public static TheoryData<string, object> Removals => new()
    {
        { "deleted for all", (Func<Book, string, Command>)((book, id) => new Delete(book.Bob, id, true)) },
        { "deleted for me", (Func<Book, string, Command>)((book, id) => new Delete(book.Ada, id, false)) },
        { "cleared", (Func<Book, string, Command>)((book, _) => new Clear(book.Ada, new ConversationTarget(book.Bob, null))) },
    };

    [Theory]
    [MemberData(nameof(Removals), DisableDiscoveryEnumeration = true)]
    public void What_is_gone_meanwhile_can_still_be_answered_without_a_quote(string how, object remove)
    {
        var first = _book.Send(_book.Bob, _book.Ada, "oops");
        _book.Do(((Func<Book, string, Command>)remove)(_book, first.Id));

        var answer = Stored(Say(_book.Ada, _book.Bob) with { ReplyTo = first.Id });

        (answer.ReplyTo, answer.Quote).ShouldBe((first.Id, null), how);
    }

    [Fact]
    public void Nobody_gets_quoted_what_was_said_before_he_came()
    {
        var group = MakeGroup(_book.Bob);
        var before = Stored(InGroup(_book.Bob, group) with { Text = "a secret" });
        _book.Do(new AddToGroup(_book.Ada, Next(), group, [_book.Cy]));

        Stored(InGroup(_book.Cy, group) with { ReplyTo = before.Id }).Quote.ShouldBeNull();
        QuotedText(Stored(InGroup(_book.Ada, group) with { ReplyTo = before.Id })).ShouldBe("a secret");
    }

    [Fact]
    public void A_forwarded_message_has_the_text_the_card_and_the_attachments_and_nothing_else()
    {
        _book.Do(new AddAttachment(new Attachment("a1", _book.Ada.Key, "a.txt", "text/plain", 3, 3)));
        var first = _book.Send(_book.Bob, _book.Ada);
        var original = Stored(Say(_book.Ada, _book.Bob) with { Text = "look", Card = "{}", Attachments = """[{"id":"a1"}]""", ReplyTo = first.Id, Mentions = """["bob"]""" });
        _book.Do(new React(_book.Bob, original.Id, "🍽"));
        _book.Do(new Pin(_book.Bob, original.Id, true));

        var forwarded = Stored(Forward(_book.Bob, _book.Cy, original.Id));

        (forwarded.Text, forwarded.Card, forwarded.Attachments, forwarded.Forwarded).ShouldBe(("look", "{}", original.Attachments, true));
        (forwarded.ReplyTo, forwarded.Quote, forwarded.Mentions, forwarded.Reactions, forwarded.PinnedAt, forwarded.EditedAt).ShouldBe((null, null, null, null, null, null));
        (original.Forwarded, original.FromUser, forwarded.FromUser).ShouldBe((false, "ada", "bob"));
    }

    [Fact]
    public void What_one_may_not_see_cannot_be_forwarded_and_begins_no_chat()
    {
        var secret = _book.Send(_book.Ada, _book.Bob, "secret");
        RefusalOf(Forward(_book.Cy, _book.Bob, secret.Id)).ShouldBe(WireError.NotFound);
        RefusalOf(Forward(_book.Cy, _book.Bob, "conversation1.9")).ShouldBe(WireError.NotFound);
        RefusalOf(Forward(_book.Cy, _book.Bob, "nothing")).ShouldBe(WireError.NotFound);
        _book.Facts.FindDirect(_book.Cy.Key, _book.Bob.Key).ShouldBeNull();

        _book.Do(new Delete(_book.Bob, secret.Id, false));
        RefusalOf(Forward(_book.Bob, _book.Ada, secret.Id)).ShouldBe(WireError.NotFound);
        _book.Do(new Delete(_book.Ada, secret.Id, true));
        RefusalOf(Forward(_book.Ada, _book.Bob, secret.Id)).ShouldBe(WireError.Forbidden);
    }

    [Fact]
    public void Who_left_a_group_forwards_what_he_saw_and_nothing_after()
    {
        var group = MakeGroup(_book.Bob);
        var seen = Stored(InGroup(_book.Ada, group) with { Text = "seen" });
        _book.Do(new LeaveGroup(_book.Bob, Next(), group));
        var after = Stored(InGroup(_book.Ada, group) with { Text = "after" });

        Stored(Forward(_book.Bob, _book.Cy, seen.Id)).Text.ShouldBe("seen");
        RefusalOf(Forward(_book.Bob, _book.Cy, after.Id)).ShouldBe(WireError.NotFound);
        RefusalOf(Forward(_book.Bob, _book.Cy, $"{group}.1")).ShouldBe(WireError.Forbidden);
    }

    [Fact]
    public void Members_are_mentioned_each_once_and_nobody_else()
    {
        var group = MakeGroup(_book.Bob);

        Stored(InGroup(_book.Ada, group) with { Mentions = """["bob","ada","bob"]""" }).Mentions.ShouldBe("""["bob","ada"]""");
        Stored(InGroup(_book.Ada, group) with { Mentions = "[]" }).Mentions.ShouldBeNull();
        foreach (var wrong in (string[])["""["cy"]""", """["bob","nobody"]""", "[7]", $"[{string.Join(',', Enumerable.Repeat("\"bob\"", 51))}]"])
            RefusalOf(InGroup(_book.Ada, group) with { Mentions = wrong }).ShouldBe(WireError.Invalid, wrong);
        Stored(Say(_book.Ada, _book.Cy) with { Mentions = """["cy"]""" }).Mentions.ShouldBe("""["cy"]""");
        RefusalOf(Say(_book.Bob, _book.Cy) with { Mentions = """["ada"]""" }).ShouldBe(WireError.Invalid);
        _book.Facts.FindDirect(_book.Cy.Key, _book.Bob.Key).ShouldBeNull();
    }

    [Fact]
    public void Who_has_blocked_the_sender_is_not_mentioned_and_the_sender_does_not_learn_it()
    {
        var group = MakeGroup(_book.Bob, _book.Cy);
        _book.Do(new ChangeRelation(_book.Bob, _book.Ada, RelationChange.Block));

        Stored(InGroup(_book.Ada, group) with { Mentions = """["bob","cy"]""" }).Mentions.ShouldBe("""["cy"]""");
        Stored(InGroup(_book.Ada, group) with { Mentions = """["bob"]""" }).Mentions.ShouldBeNull();
    }

    [Fact]
    public void A_resend_with_other_references_is_another_request()
    {
        var first = _book.Send(_book.Ada, _book.Bob);
        var forward = Forward(_book.Ada, _book.Bob, first.Id) with { ClientId = "f" };
        var mention = Say(_book.Ada, _book.Bob) with { ClientId = "m", Mentions = """["bob"]""" };
        _book.Do(forward);
        _book.Do(mention);

        _book.Do(new Send(_book.Ada, "f", _book.Bob, null, "", ForwardOf: first.Id)).ShouldBeOfType<Acknowledged>().Ack.Duplicate.ShouldBeTrue();
        RefusalOf(new Send(_book.Ada, "f", _book.Bob, null, "", ForwardOf: "other.1")).ShouldBe(WireError.Conflict);
        RefusalOf(new Send(_book.Ada, "f", _book.Bob, null, "")).ShouldBe(WireError.Conflict);
        RefusalOf(new Send(_book.Ada, "m", _book.Bob, null, "hi", Mentions: """["ada"]""")).ShouldBe(WireError.Conflict);
    }

    [Fact]
    public void A_plain_send_has_the_hash_that_it_had_before_there_were_mentions()
    {
        using var bytes = new MemoryStream();
        foreach (var part in (string?[])["bob", null, "hi", null, "c.1", null])
        {
            bytes.Write(BitConverter.GetBytes(part is null ? -1 : Encoding.UTF8.GetByteCount(part)));
            bytes.Write(Encoding.UTF8.GetBytes(part ?? ""));
        }

        new Send(_book.Ada, "c1", _book.Bob, null, "hi", ReplyTo: "c.1").Hash.ShouldBe(SHA256.HashData(bytes.ToArray()));
    }

    [Fact]
    public void What_is_sent_and_deleted_in_one_batch_carries_no_attachment()
    {
        _book.Do(new AddAttachment(new Attachment("a1", _book.Ada.Key, "a.txt", "text/plain", 3, 3)));
        _book.Batch(Say(_book.Ada, _book.Bob) with { Attachments = """[{"id":"a1"}]""" }, new Delete(_book.Ada, "conversation1.1", true));

        _book.Facts.UsedAttachments.ShouldBeEmpty();
    }

    private Send Say(Account from, Account to) => new(from, Next(), to, null, "hi");

    private Send InGroup(Account from, string group) => new(from, Next(), null, group, "hi");

    private Send Forward(Account from, Account to, string id) => new(from, Next(), to, null, "", ForwardOf: id);

    private string MakeGroup(params Account[] members) =>
        _book.Do(new CreateGroup(_book.Ada, Next(), "Friends", null, members)).ShouldBeOfType<Acknowledged>().Ack.Conversation;

    private WireMessage Stored(Send send)
    {
        _book.Do(send).ShouldBeOfType<Acknowledged>();
        return Newest();
    }

    private WireMessage Newest() => _book.Facts.Messages[^1].Wire;

    private WireError RefusalOf(Command command) => _book.Do(command).ShouldBeOfType<Refused>().Error;

    private static string QuotedText(WireMessage message)
    {
        using var quote = JsonDocument.Parse(message.Quote!);
        return quote.RootElement.GetProperty("message").GetString()!;
    }

    private string Next() => string.Create(CultureInfo.InvariantCulture, $"n{++_ids}");
}
