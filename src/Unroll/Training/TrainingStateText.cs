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
        if (state.Averaging != AveragingState.Start) json.WriteObject("averaging", state.Averaging, Write);
        json.AnyNumber("bestScore", state.BestScore);
        json.WriteNumber("bestEpoch", state.BestEpoch);
        json.WriteNumber("rateScale", state.RateScale);
        json.WriteNumber("returns", state.Returns);
        if (state.LostEpoch) json.WriteBoolean("lostEpoch", true);
        json.WriteObject("epoch", state.Epoch, Write);
    }

    internal static TrainingState Read(JsonRecord json) => new()
    {
        Seed = json.Unsigned("seed"),
        Place = json.Object("place", p => new TrainingPlace(Count(p, "epoch"), Count(p, "batch"), p.Long("step", 0))),
        EpochStart = json.Long("epochStart", 0),
        Plateau = json.Object("plateau", p =>
            new PlateauState(p.AnyReal("best"), Count(p, "waited"), Count(p, "cooling"), Count(p, "drops"))),
        Stopping = json.Object("stopping", Stopping),
        Averaging = json.Absent("averaging") ? AveragingState.Start
            : json.Object("averaging", a => new AveragingState(a.Long("count", 0), a.Object("stall", Stopping))),
        BestScore = json.AnyReal("bestScore"),
        BestEpoch = Count(json, "bestEpoch"),
        RateScale = (float)json.RealBetween("rateScale", 0, 1),
        Returns = Count(json, "returns"),
        LostEpoch = json.Flag("lostEpoch", false),
        Epoch = json.Object("epoch", e => new EpochSums(
            e.Object("loss", l => new LossSum(l.AnyReal("sum"), l.Long("count", 0))),
            e.Long("steps", 0), e.AnyReal("normSum"), e.AnyReal("normMax"), e.Long("clipped", 0), e.Long("faults", 0))),
    };

    private static StoppingState Stopping(JsonRecord json) => new(json.AnyReal("best"), Count(json, "waited"));

    private static int Count(JsonRecord json, string name) => json.Between(name, 0, int.MaxValue);

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

    private static void Write(Utf8JsonWriter json, AveragingState averaging)
    {
        json.WriteNumber("count", averaging.Count);
        json.WriteObject("stall", averaging.Stall, Write);
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
