using Unroll.Tasks.Data.TimeSeries;

namespace Unroll.Tests.Tasks.Data;

public sealed class TransformTests
{
    private static readonly float[] Values = [112, 118, 132, 129, 121, 135];

    // ln 135 ≈ 4.9 has a float rounding of 2.4e-7, and a sum of up to five of them enters the exponent: 1.2e-6 relative, 1.6e-4 absolute.
    [Theory]
    [InlineData(TransformKind.None)]
    [InlineData(TransformKind.Log)]
    [InlineData(TransformKind.Difference)]
    [InlineData(TransformKind.LogDifference)]
    public void A_forecast_is_undone_from_the_last_observed_value(TransformKind kind)
    {
        Transform transform = new(kind);
        float[] transformed = transform.Apply(Values, _ => "");
        Assert.Equal(Values.Length - transform.Lost, transformed.Length);
        float[] undone = new float[4];
        transform.Invert(transformed[^4..], Values[1], undone);
        for (int i = 0; i < 4; i++) Assert.Equal(Values[2 + i], undone[i], 1.6e-4f);
    }

    [Fact]
    public void Differences_are_exact() => Assert.Equal([6, 14, -3, -8, 14], new Transform(TransformKind.Difference).Apply(Values, _ => ""));

    [Theory]
    [InlineData(0f)]
    [InlineData(-3f)]
    public void The_logarithm_of_what_is_not_above_0_names_the_row(float value) =>
        Assert.StartsWith($"sales.csv, line 9: expected a value above 0 because of the transform 'log', found {value}; choose",
            TableTests.Error(() => new Transform(TransformKind.Log).Apply([1, value], row => $"sales.csv, line {row + 8}")));

    [Fact]
    public void Every_word_reads_back_and_a_slip_is_answered()
    {
        Assert.All(Transform.Words, word => Assert.Equal(word, Transform.Parse(word).Word));
        Assert.Contains("'logg' (did you mean 'log'?); there are: none, log,", TableTests.Error(() => Transform.Parse("logg")));
    }

    [Fact]
    public void Standardizing_uses_the_training_part_of_all_series_and_is_undone()
    {
        Standardizer s = Standardizer.Fit("y", Values.AsMemory(0, 2), Values.AsMemory(2, 2));
        Assert.Equal((122.75, Math.Sqrt(65.6875)), (s.Mean, s.Deviation));
        float[] z = new float[Values.Length];
        s.Apply(Values, z);
        Assert.Equal((float)((135 - 122.75) / Math.Sqrt(65.6875)), z[5]);
        s.Invert(z, z);
        for (int i = 0; i < z.Length; i++) Assert.Equal(Values[i], z[i], 1e-4f);         // two roundings of values up to 135
    }

    [Fact]
    public void A_constant_column_keeps_deviation_1_and_is_noted()
    {
        Standardizer s = Standardizer.Fit("flat", new float[] { 0.1f, 0.1f, 0.1f }.AsMemory());
        Assert.Equal(1, s.Deviation);
        Assert.Contains("column 'flat' is constant", s.Note);
        Assert.Null(Standardizer.Fit("y", Values.AsMemory()).Note);
    }

    [Fact]
    public void A_scaling_survives_JSON_to_the_bit()
    {
        ColumnScaling scaling = new(new Transform(TransformKind.LogDifference), new Standardizer("y", 1.0 / 3, Math.PI));
        Assert.Equal(scaling, ColumnScaling.FromJson(scaling.ToJson()));
        Assert.Equal("{'transform':{'kind':'LogDifference','lost':1,'word':'log-difference'},'standardiser':{'column':'y'," +
            "'mean':0.3333333333333333,'deviation':3.141592653589793,'constant':false}}", scaling.ToJson().Replace('"', '\''));
        Assert.Contains("transform is not what belongs there", TableTests.Error(() => ColumnScaling.FromJson("{\"transform\":null}")));
        Assert.Contains("incomplete", TableTests.Error(() => ColumnScaling.FromJson(scaling.ToJson().Replace("3.141592653589793", "0"))));
        Assert.Contains("cannot be read", TableTests.Error(() => ColumnScaling.FromJson("{")));
    }

    [Fact]
    public void A_scaling_is_undone_in_place()
    {
        ColumnScaling scaling = new(new Transform(TransformKind.Log), new Standardizer("y", 4.8, 0.1));
        float[] forecast = scaling.Apply(Values, _ => "");
        scaling.Invert(forecast, last: 0, forecast);
        for (int i = 0; i < forecast.Length; i++) Assert.Equal(Values[i], forecast[i], 1.6e-4f);
    }
}
