namespace Unroll.Tests;

public sealed class SmokeTests
{
    [Fact] public void A_user_error_keeps_its_message() => Assert.Equal("x", new Core.UserErrorException("x").Message);
}
