using Tieline.Core.Attachments;
using Tieline.Core.Ledgers;
using Tieline.Protocol;

namespace Tieline.Core.Tests.Ledgers;

/// <summary>The picture of ada's group, in which bob is a member.</summary>
public sealed class GroupPictureRules
{
    private readonly Book _book = new();
    private readonly string _group;
    private int _ids;

    public GroupPictureRules() => _group = _book.Do(new CreateGroup(_book.Ada, Next(), "Friends", null, [_book.Bob])).ShouldBeOfType<Acknowledged>().Ack.Conversation;

    private string? Avatar => _book.Facts.FindConversation(_group)!.Group!.Avatar;

    [Fact]
    public void An_upload_that_is_named_is_shown_at_an_address_of_the_server()
    {
        Finish("p1");

        Set("upload:p1").ShouldBeOfType<Acknowledged>();

        Avatar.ShouldBe("/api/chat/files/p1/picture");
        _book.Facts.Messages[^1].Wire.Notice.ShouldBe("""{"kind":"avatar","avatar":"/api/chat/files/p1/picture"}""");
        _book.Do(new DoomAttachment("p1")).ShouldBe(new Changed(0));
        Set("upload:p1").ShouldBe(new Changed(0));
    }

    [Theory]
    [InlineData("upload:p2")]
    [InlineData("https://example.org/cat.png")]
    [InlineData("")]
    public void The_one_before_is_nobodys_when_another_or_none_takes_its_place(string next)
    {
        Finish("p1");
        Finish("p2");
        Set("upload:p1");

        Set(next).ShouldBeOfType<Acknowledged>();

        Avatar.ShouldBe(next switch { "" => null, "upload:p2" => "/api/chat/files/p2/picture", _ => next });
        _book.Do(new DoomAttachment("p1")).ShouldBe(new Changed(1));
    }

    [Fact]
    public void A_group_can_begin_with_one()
    {
        Finish("p1");

        var id = _book.Do(new CreateGroup(_book.Ada, Next(), "Others", "upload:p1", [])).ShouldBeOfType<Acknowledged>().Ack.Conversation;

        _book.Facts.FindConversation(id)!.Group!.Avatar.ShouldBe("/api/chat/files/p1/picture");
        _book.Facts.IsAttachmentUsed("p1").ShouldBeTrue();
    }

    [Fact]
    public void It_is_a_finished_image_of_the_admin_that_nothing_else_shows()
    {
        Finish("sent");
        Finish("text", width: null);
        Finish("bobs", _book.Bob.Key);
        _book.Do(new Send(_book.Ada, Next(), _book.Bob, null, "look", Attachments: """[{"id":"sent"}]""")).ShouldBeOfType<Acknowledged>();

        (Refusal("upload:never"), Refusal("upload:bobs"), Refusal("upload:text"), Refusal("upload:sent")).ShouldBe((WireError.NotFound, WireError.NotFound, WireError.Invalid, WireError.Conflict));
        Avatar.ShouldBeNull();
    }

    [Fact]
    public void A_picture_cannot_be_sent_and_not_be_taken_twice_in_one_batch()
    {
        Finish("p1");
        var outcomes = _book.Batch(new UpdateGroup(_book.Ada, Next(), _group, Avatar: "upload:p1"), new CreateGroup(_book.Ada, Next(), "Others", "upload:p1", []),
            new Send(_book.Ada, Next(), _book.Bob, null, "look", Attachments: """[{"id":"p1"}]"""));

        outcomes[0].ShouldBeOfType<Acknowledged>();
        outcomes[1..].ShouldAllBe(outcome => ((Refused)outcome).Error == WireError.Conflict);
    }

    private Outcome Set(string avatar) => _book.Do(new UpdateGroup(_book.Ada, Next(), _group, Avatar: avatar));

    private WireError Refusal(string avatar) => Set(avatar).ShouldBeOfType<Refused>().Error;

    private void Finish(string id, Tieline.Core.Accounts.AccountKey? owner = null, int? width = 10) =>
        _book.Do(new AddAttachment(new Attachment(id, owner ?? _book.Ada.Key, "p.png", "image/png", 10, 10, width, width)));

    private string Next() => $"n{++_ids}";
}
