using Unroll.Cells;
using Unroll.Core;

namespace Unroll.Tasks.Shared;

/// <summary>What every task does when a model is trained on with other data or other learning options.</summary>
public static class TrainingOn
{
    /// <summary>Throws where the model cannot be trained on, or an option would change it.</summary>
    /// <param name="model">The model.</param>
    /// <param name="table">The task's options.</param>
    /// <param name="has">The options of the model.</param>
    /// <param name="asked">Those of the run.</param>
    /// <exception cref="UserErrorException">Its weights are no floats.</exception>
    /// <exception cref="OptionException">An option of the model differs.</exception>
    public static void Require(ITaskModel model, IOptionTable table, TaskOptions has, TaskOptions asked)
    {
        if (model.Precision != WeightPrecision.Float32)
            throw new UserErrorException($"the model has {model.Precision.Words()}, which serve inference alone: train on from the model with floats "
                + "that it was quantized from.");
        foreach ((OptionLine option, string own, string wanted) in table.ChangesOfModel(has, asked))
            throw new OptionException(option.Name, $"the model has {Said(option, own, wanted)} and it cannot be changed by training on, got " +
                $"{Said(option, wanted, own)}; leave {option.Name} out, or train a new model.");

        static string Said(OptionLine option, string value, string other) =>
            option.Name == "cell" ? CellChoice.Beside(value, other) : value.Length > 0 ? value : "none";
    }

    /// <summary>The settings with the model that the options name to train on, so that its file is read once.</summary>
    internal static RunSettings Opened<TModel>(TaskOptions options, RunSettings settings, Func<string, CellCatalog?, TModel> open)
        where TModel : class, ITaskModel =>
        settings.From is null && options.From is { } path ? settings with { From = open(path, settings.Cells) } : settings;

    /// <summary>
    /// The model that a run trains on: the one of the settings, else the one that the options name; of several members one of them; null: a new
    /// model.
    /// </summary>
    /// <exception cref="OptionException">It is a model of another task, or has no such member.</exception>
    internal static TModel? ModelOf<TModel>(TaskOptions options, RunSettings settings, string task, Func<string, CellCatalog?, TModel> open)
        where TModel : class, ITaskModel => (settings.From ?? (options.From is { } path ? open(path, settings.Cells) : null)) switch
        {
            null when options.FromMember > 1 =>
                throw new OptionException("from-member", "there is no model to train on; name it by the option from, or leave this one out."),
            null => null,
            TModel own when options.FromMember <= own.Members.Count => (TModel)own.Members[options.FromMember - 1],
            TModel own => throw new OptionException("from-member", own.Members.Count == 1
                ? $"the model has one member, got {options.FromMember}; leave it out."
                : $"expected 1 to {own.Members.Count}, as many members as the model has, got {options.FromMember}."),
            var other => throw new OptionException("from", $"it is a model of the task {other.Task}; name one of {task}."),
        };

    /// <summary>The front of the model of the settings, of several members of the one that the options name.</summary>
    /// <exception cref="OptionException">It has none, no such member, or weights that are no floats.</exception>
    internal static ModelFront FrontOf(ITaskModel model, TaskOptions options, string task)
    {
        if (options.FromMember > model.Members.Count)
            throw new OptionException("from-member", $"expected at most {model.Members.Count}, as many members as the model has, got " +
                $"{options.FromMember}.");
        if (model.Precision != WeightPrecision.Float32)
            throw new UserErrorException($"the model to begin with has {model.Precision.Words()}, which serve inference alone: name the one with "
                + "floats.");
        return model.Members[options.FromMember - 1].Front ?? throw new OptionException("from",
            $"it is a model of the task {model.Task}; name one of {task}, or one of lm, with whose layers it can begin.");
    }

    /// <summary>Copies all weights of one network into another of the same description.</summary>
    public static void Copy(ParameterStore from, ParameterStore to)
    {
        using Edit edit = to.Edit();
        from.Values.CopyTo(edit.Values);
    }
}
