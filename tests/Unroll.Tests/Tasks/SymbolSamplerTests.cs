using Unroll.Core;
using Unroll.Tasks.Shared;

namespace Unroll.Tests.Tasks;

public sealed class SymbolSamplerTests
{
    private static readonly float[] s_scores = [.. new[] { 0.1, 0.4, 0.05, 0.3, 0.15 }.Select(p => (float)Math.Log(p))];

    private static int[] Draws(SamplingOptions options, int count = 4000, int never = -1)
    {
        SymbolSampler sampler = new(5, options, never);
        return [.. Enumerable.Range(0, count).Select(_ => sampler.Draw(s_scores))];
    }

    // 4,000 draws: five deviations are 5 √(p (1 − p) / 4,000) ≤ 0.04.
    private static void Shares(int[] draws, params double[] expected)
    {
        for (int i = 0; i < 5; i++) Assert.Equal(expected[i], draws.Count(d => d == i) / (double)draws.Length, 0.04);
        for (int i = 0; i < 5; i++)
            if (expected[i] == 0) Assert.DoesNotContain(i, draws);
    }

    [Fact]
    public void Symbols_are_drawn_by_their_probability() => Shares(Draws(new()), 0.1, 0.4, 0.05, 0.3, 0.15);

    [Fact]
    public void Equal_seeds_give_equal_draws()
    {
        Assert.Equal(Draws(new() { Seed = 3 }), Draws(new() { Seed = 3 }));
        Assert.NotEqual(Draws(new() { Seed = 3 }), Draws(new() { Seed = 4 }));
    }

    [Fact]
    public void Top_k_leaves_the_k_most_probable() => Shares(Draws(new() { TopK = 2 }), 0, 4 / 7.0, 0, 3 / 7.0, 0);

    [Fact]
    public void Top_p_leaves_the_fewest_that_reach_the_share()
    {
        Shares(Draws(new() { TopP = 0.65 }), 0, 4 / 7.0, 0, 3 / 7.0, 0);                     // 0.4 + 0.3 ≥ 0.65
        Shares(Draws(new() { TopP = 0.75 }), 0, 0.4 / 0.85, 0, 0.3 / 0.85, 0.15 / 0.85);     // 0.4 + 0.3 < 0.75 ≤ 0.85
        Shares(Draws(new() { TopP = 1e-6 }), 0, 1, 0, 0, 0);                                 // one at least
        Shares(Draws(new() { TopP = 1 }), 0.1, 0.4, 0.05, 0.3, 0.15);
    }

    [Fact]
    public void Top_k_comes_before_top_p() => Shares(Draws(new() { TopK = 3, TopP = 0.8 }), 0, 4 / 7.0, 0, 3 / 7.0, 0);   // of 0.85: 0.7 / 0.85 ≥ 0.8

    [Fact]
    public void Half_the_temperature_squares_the_probabilities() =>
        Shares(Draws(new() { Temperature = 0.5 }), 0.01 / 0.285, 0.16 / 0.285, 0.0025 / 0.285, 0.09 / 0.285, 0.0225 / 0.285);

    [Fact]
    public void Temperature_zero_always_takes_the_most_probable() => Shares(Draws(new() { Temperature = 0 }, 20), 0, 1, 0, 0, 0);

    [Fact]
    public void One_symbol_is_never_drawn()
    {
        foreach (SamplingOptions options in (SamplingOptions[])[new(), new() { TopK = 5 }, new() { Temperature = 0 }])
            Assert.DoesNotContain(1, Draws(options, 500, never: 1));
        Assert.Equal(1, new SymbolSampler(2, new() { Temperature = 0 }, never: 0).Draw([9, 1]));
    }

    [Fact]
    public void Ties_go_to_the_lower_number()
    {
        SymbolSampler sampler = new(3, new() { TopK = 1 });
        for (int i = 0; i < 10; i++) Assert.Equal(1, sampler.Draw([0, 2, 2]));
    }

    [Fact]
    public void A_draw_allocates_nothing()
    {
        foreach (SamplingOptions options in (SamplingOptions[])[new(), new() { TopK = 3, TopP = 0.9 }, new() { Temperature = 0 }])
        {
            SymbolSampler sampler = new(5, options);
            Assert.Equal(0, Allocation.Of(() => sampler.Draw(s_scores)));
        }
    }

    [Fact]
    public void Impossible_options_are_refused()
    {
        static string Refused(SamplingOptions options) => Assert.Throws<OptionException>(() => new SymbolSampler(5, options)).Message;
        Assert.Contains("temperature: expected a number from 0", Refused(new() { Temperature = -1 }));
        Assert.Contains("top-k: expected a whole number from 1", Refused(new() { TopK = 0 }));
        Assert.Contains("top-p: expected a number from", Refused(new() { TopP = 1.5 }));
    }

    [Fact]
    public void A_sampler_whose_place_is_restored_draws_what_it_drew_then()
    {
        SymbolSampler sampler = new(5, new() { Seed = 7 }), other = new(5, new());
        SessionState state = new("weights", null, sampler), another = new("weights", null, other);
        for (int i = 0; i < 10; i++) sampler.Draw(s_scores);
        byte[] snapshot = state.Snapshot();
        int[] Next(SymbolSampler from) => [.. Enumerable.Range(0, 50).Select(_ => from.Draw(s_scores))];
        int[] first = Next(sampler);
        state.Restore(snapshot);
        another.Restore(snapshot);
        Assert.Equal(first, Next(sampler));
        Assert.Equal(first, Next(other));
    }
}
