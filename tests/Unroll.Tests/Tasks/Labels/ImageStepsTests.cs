using Unroll.Core;
using Unroll.Tasks.Data.Labeled;
using Unroll.Tasks.Labels;
using Xunit;

namespace Unroll.Tests.Tasks.Labels;

public sealed class ImageStepsTests
{
    // 2 rows of 4 pixels
    private static readonly LabeledSequence Image = new("digits", 1) { Numbers = [1, 3, 10, 20, 5, 7, 30, 40], Features = 4, OneScale = true };
    private static readonly LabelOptions Options = new();

    [Fact]
    public void Squares_become_their_mean_and_pixels_become_steps()
    {
        LabeledSequence rows = ImageSteps.Of(Image, Options with { Shrink = 2 });
        Assert.Equal([4f, 25], rows.Numbers);
        Assert.Equal(2, rows.Features);
        LabeledSequence pixels = ImageSteps.Of(Image, Options with { Image = ImageStep.Pixels });
        Assert.Equal(Image.Numbers, pixels.Numbers);
        Assert.Equal(1, pixels.Features);
    }

    [Fact]
    public void What_is_no_image_stays_as_it_is()
    {
        LabeledSequence table = Image with { OneScale = false };
        Assert.Same(table, ImageSteps.Of(table, Options with { Shrink = 2, Image = ImageStep.Pixels }));
    }

    [Fact]
    public void Sides_that_are_no_multiples_are_refused() =>
        Assert.Equal("digits, line 1: expected an image whose sides are multiples of 4 (shrink), found 2 × 4.",
            Assert.Throws<UserErrorException>(() => ImageSteps.Of(Image, Options with { Shrink = 4 })).Message);
}
