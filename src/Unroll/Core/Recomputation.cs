namespace Unroll.Core;

//  kept in the forward pass     the input and h⟨t⟩ of every step; the other states before each segment of k steps
//  backward, segment by segment, the last first
//
//      0 … k−1 | k … 2k−1 | 2k … T−1
//                           ———————→     forward again, from the states before it: gates and states of k steps
//                          ←———————      back: δ of the gates, δx, weight gradients
//                ————————→
//               ←————————

/// <summary>
/// Recomputation through time: a training pass over a recurrent layer keeps no gates, and its backward pass computes those of some steps at a time
/// again from states that were kept (checkpointing; Chen, Xu, Zhang and Guestrin 2016, arXiv:1604.06174). All results have the same bits; the cost is
/// about one more forward pass.
/// </summary>
/// <remarks>
/// What still grows with the length of the sequences is, of each layer, its input, h, and the gradients of both. A segment is made of whole chunks of
/// the backward pass, some 200 rows or, in large layers, 500; a batch that is one such segment keeps everything.
/// </remarks>
public sealed record Recomputation
{
    /// <summary>k: steps of a segment at least, 1 or more; null: √T, rounded up, of the batch's longest sequence.</summary>
    /// <exception cref="UserErrorException">It is below 1.</exception>
    public int? Every
    {
        get;
        init => field = value is null or >= 1 ? value
            : throw new UserErrorException($"recomputation: expected segments of at least 1 step, got {value}.");
    }

    /// <summary>k for a batch of T steps.</summary>
    internal int StepsOf(int steps) => Every ?? (int)Math.Ceiling(Math.Sqrt(steps));
}
