using Unroll.Core;
using Unroll.Numerics;

namespace Unroll.Tests.Numerics;

[Trait("Category", "Bits")]
public sealed class PhiloxTests
{
    // The answers that the authors publish with their library, Random123 (kat_vectors).
    [Theory]
    [InlineData(0UL, 0UL, 0UL, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x299f31d0a4093822UL, 0x85a308d3243f6a88UL, 0x0370734413198a2eUL, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void A_block_has_the_published_answer(ulong key, ulong counter, ulong stream, uint a, uint b, uint c, uint d) =>
        Assert.Equal((a, b, c, d), Philox.MatrixView(key, counter, stream));

    [Fact]
    public void Many_draws_at_once_are_those_one_by_one()
    {
        Rng random = new(0x1234567890ABCDEF);
        foreach (ulong first in (ulong[])[0, 4, 4 * 0xFFFFFFFDUL, 5UL << 32])
            for (int n = 0; n < 130; n += n < 70 ? 1 : 13)
            {
                float[] values = new float[n];
                random.Uniform(first, values);
                for (int i = 0; i < n; i++) Assert.Equal(random.Uniform(first + (ulong)i), values[i]);
            }
    }
}
