using Unroll.Formats;

namespace Unroll.Tests.Formats;

public sealed class WeightsHashTests
{
    [Fact]
    public void The_hash_is_of_lengths_names_shapes_and_bytes_in_order()
    {
        // 1, 0, "w", rank 1, size 1, 4 bytes, 1.0f: every number as eight bytes.
        byte[] fed = [1, 0, 0, 0, 0, 0, 0, 0, (byte)'w', 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x3F];
        string expected = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(fed));
        Assert.Equal(expected, WeightsHash.Compute([Tensor.Of("w", [1], [1f])]));
    }

    [Fact]
    public void Any_difference_changes_it()
    {
        Tensor[][] different =
        [
            [Tensor.Of("a", [2], [1f, 2f])],
            [Tensor.Of("b", [2], [1f, 2f])],
            [Tensor.Of("a", [2, 1], [1f, 2f])],
            [Tensor.Of("a", [2], [1f, MathF.BitIncrement(2f)])],
            [Tensor.Of("a", [1], [1f]), Tensor.Of("b", [1], [2f])],
            [Tensor.Of("b", [1], [2f]), Tensor.Of("a", [1], [1f])],
            [],
        ];
        Assert.Equal(different.Length, different.Select(WeightsHash.Compute).Distinct().Count());
    }

    [Fact]
    public void Fed_by_hand_it_is_the_same()
    {
        WeightsHash hash = new();
        hash.Add("a", [2], [1f, 2f]);
        Assert.Equal(WeightsHash.Compute([Tensor.Of("a", [2], [1f, 2f])]), hash.Finish());
    }
}
