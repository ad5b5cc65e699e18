using System.Text.Json;
using Unroll.Core;

namespace Unroll.Training;

/// <summary>The JSON of a <see cref="TrainingState"/>: what is written and, below it, read.</summary>
internal static class TrainingStateText
{
    internal static void Write(Utf8JsonWriter json, TrainingState state)
    {
        json.WriteNumber("seed", state.Seed);
        json.WriteObject("place", state.Place, Write);
        json.WriteNumber("epochStart", state.EpochStart);
        json.WriteObject("plateau", state.Plateau, Write);
        json.WriteObject("stopping", state.Stopping, Write);
        json.AnyNumber("bestScore", state.BestScore);
        json.WriteNumber("bestEpoch", state.BestEpoch);
        json.WriteNumber("rateScale", state.RateScale);
        json.WriteNumber("returns", state.Returns);
        json.WriteObject("epoch", state.Epoch, Write);
    }

    internal static TrainingState Read(JsonRecord json) => new()
    {
        Seed = json.Unsigned("seed"),
        Place = json.Object("place", p => new TrainingPlace(p.Whole("epoch"), p.Whole("batch"), p.Long("step"))),
        EpochStart = json.Long("epochStart"),
        Plateau = json.Object("plateau", p => new PlateauState(p.AnyReal("best"), p.Whole("waited"), p.Whole("cooling"), p.Whole("drops"))),
        Stopping = json.Object("stopping", s => new StoppingState(s.AnyReal("best"), s.Whole("waited"))),
        BestScore = json.AnyReal("bestScore"),
        BestEpoch = json.Whole("bestEpoch"),
        RateScale = json.Single("rateScale"),
        Returns = json.Whole("returns"),
        Epoch = json.Object("epoch", e => new EpochSums(
            e.Object("loss", l => new LossSum(l.AnyReal("sum"), l.Long("count"))),
            e.Long("steps"), e.AnyReal("normSum"), e.AnyReal("normMax"), e.Long("clipped"), e.Long("faults"))),
    };

    private static void Write(Utf8JsonWriter json, TrainingPlace place)
    {
        json.WriteNumber("epoch", place.Epoch);
        json.WriteNumber("batch", place.Batch);
        json.WriteNumber("step", place.Step);
    }

    private static void Write(Utf8JsonWriter json, PlateauState plateau)
    {
        json.AnyNumber("best", plateau.Best);
        json.WriteNumber("waited", plateau.Waited);
        json.WriteNumber("cooling", plateau.Cooling);
        json.WriteNumber("drops", plateau.Drops);
    }

    private static void Write(Utf8JsonWriter json, StoppingState stopping)
    {
        json.AnyNumber("best", stopping.Best);
        json.WriteNumber("waited", stopping.Waited);
    }

    private static void Write(Utf8JsonWriter json, EpochSums sums)
    {
        json.WriteObject("loss", sums.Loss, Write);
        json.WriteNumber("steps", sums.Steps);
        json.AnyNumber("normSum", sums.NormSum);
        json.AnyNumber("normMax", sums.NormMax);
        json.WriteNumber("clipped", sums.Clipped);
        json.WriteNumber("faults", sums.Faults);
    }

    private static void Write(Utf8JsonWriter json, LossSum loss)
    {
        json.AnyNumber("sum", loss.Sum);
        json.WriteNumber("count", loss.Count);
    }
}
