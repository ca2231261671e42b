using Photos.Album;

namespace Photos.Tests.Unit.Album;

public class UserIdTests
{
    [Theory]
    [InlineData("alice")]
    [InlineData("9f1c0a52-7d9e-4c1b-8a57-1d3c2b4a5f60")]
    [InlineData("us-east-1:9f1c0a52-7d9e-4c1b-8a57-1d3c2b4a5f60")]
    public void ASubjectIsAUserId(string subject) => Assert.Equal(subject, UserId.FromSubject(subject).Value);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("é")]
    public void ASubjectThatCouldLeaveTheUsersFolderIsRefused(string? subject)
    {
        PhotoException refusal = Assert.Throws<PhotoException>(() => UserId.FromSubject(subject));

        Assert.Equal(PhotoFault.Unauthenticated, refusal.Fault);
    }

    [Fact]
    public void AUserIdHasAtMost128Characters()
    {
        Assert.Equal(128, UserId.FromSubject(new string('a', 128)).Value.Length);
        Assert.Throws<PhotoException>(() => UserId.FromSubject(new string('a', 129)));
    }
}
