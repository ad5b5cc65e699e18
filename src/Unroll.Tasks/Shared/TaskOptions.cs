using Unroll.Cells;
using Unroll.Layers.Recurrent;
using Unroll.Training;

namespace Unroll.Tasks.Shared;

/// <summary>From which ends a sequence is read.</summary>
public enum ReadingDirection
{
    /// <summary>From its beginning alone: what a stream needs.</summary>
    Forward,

    /// <summary>From both ends, by two sets of weights.</summary>
    Both,
}

/// <summary>How the steps of a sequence become one row.</summary>
public enum PoolingKind
{
    /// <summary>They do not: each step has an output.</summary>
    None,

    /// <summary>The last step; read from both ends, each direction's last state.</summary>
    Last,

    /// <summary>The mean of the steps.</summary>
    Mean,

    /// <summary>Of each feature the largest value.</summary>
    Max,

    /// <summary>The mean weighted by a learned query.</summary>
    Attention,

    /// <summary>The middle step, as for a window cut around a site.</summary>
    Center,

    /// <summary>All steps side by side; every sequence then has the same length.</summary>
    Flatten,
}

/// <summary>How the learning rate changes over a run.</summary>
public enum ScheduleKind
{
    /// <summary>It does not.</summary>
    Constant,

    /// <summary>Multiplied by a factor after each third of the epochs.</summary>
    Step,

    /// <summary>Half a cosine that ends at 0 with the last epoch.</summary>
    Cosine,

    /// <summary>Multiplied by a factor when the validation score stops improving.</summary>
    Plateau,
}

/// <summary>What takes the steps.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent.</summary>
    Sgd,

    /// <summary>RMSProp.</summary>
    RmsProp,

    /// <summary>Adagrad.</summary>
    Adagrad,

    /// <summary>Adam.</summary>
    Adam,

    /// <summary>Adam with decoupled weight decay.</summary>
    AdamW,
}

/// <summary>Which weights are validated and kept.</summary>
public enum WeightAveraging
{
    /// <summary>The last ones.</summary>
    None,

    /// <summary>An exponential moving average.</summary>
    Ema,

    /// <summary>The mean of those at the ends of the last epochs.</summary>
    Last,

    /// <summary>The mean of those after each step since validation stalled.</summary>
    Asgd,
}

/// <summary>
/// The options of a training run of any task: data and parts, network, learning. Each task's own options are a record that extends it.
/// </summary>
/// <remarks>
/// A property may be set to anything; a run checks all of them before it begins and throws an <see cref="OptionException"/> that names the option.
/// The names, ranges and help of the options are in <see cref="TaskOptionLines"/>.
/// </remarks>
public abstract record TaskOptions
{
    /// <summary>The data: files, folders or the names of data in memory; see <see cref="Data.DataFiles"/>.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>As <see cref="Data"/>, to validate on; empty: a part of the data.</summary>
    public IReadOnlyList<string> Valid { get; init; } = [];

    /// <summary>As <see cref="Data"/>, to test on; empty: a part of the data.</summary>
    public IReadOnlyList<string> Test { get; init; } = [];

    /// <summary>The shares to train on and to validate on where the data do not say themselves; the rest tests.</summary>
    public IReadOnlyList<double> Split { get; init; } = [0.8, 0.1];

    /// <summary>The fold that tests, by its name or number; null: none.</summary>
    public string? Fold { get; init; }

    /// <summary>The number of folds; example i belongs to fold i mod folds; 0: none.</summary>
    public int Folds { get; init; }

    /// <summary>Whether every fold tests in its turn; see <see cref="CrossValidation"/>.</summary>
    public bool CrossValidate { get; init; }

    /// <summary>
    /// The cell, by its name in the catalog: <c>lstm</c>, <c>gru</c> (reset before the product), <c>gru-after</c> (PyTorch's and Keras's) …; by its
    /// name in the zoo, a file <c>NAME.cell</c>, or the text of a definition. A run keeps a name of the catalog or the text
    /// (<see cref="CellChoice"/>).
    /// </summary>
    public string Cell { get; init; } = "lstm";

    /// <summary>What the cell is called where it is shown.</summary>
    public string CellName => CellChoice.NameOf(Cell);

    /// <summary>The same with the cell as it is kept, so that no file is needed beside it; see <see cref="CellChoice.Settled"/>.</summary>
    /// <param name="cells">The cells that have a name of their own; null: the built-in ones.</param>
    /// <exception cref="OptionException">There is no such cell; the file cannot be read, or its definition is wrong.</exception>
    public TaskOptions WithSettledCell(CellCatalog? cells = null) => Check.Cell(this, cells);

    /// <summary>Units of each layer and direction.</summary>
    public int Hidden { get; init; } = 64;

    /// <summary>Recurrent layers on top of each other.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>From which ends a sequence is read.</summary>
    public ReadingDirection Direction { get; init; }

    /// <summary>How the steps of a sequence become one row; <see cref="PoolingKind.None"/> for a task with an output for each step.</summary>
    public PoolingKind Pooling { get; init; }

    /// <summary>Probability that a feature is dropped in training, in [0, 0.99].</summary>
    public double Dropout { get; init; }

    /// <summary>
    /// ε: in training a label has 1 − ε of the probability, and all labels share ε evenly, in [0, 0.99]; 0: none (Szegedy et al. 2016,
    /// arXiv:1512.00567).
    /// </summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Whether the same units are dropped at every step of a sequence (Gal and Ghahramani 2016, arXiv:1512.05287).</summary>
    public bool LockedDropout { get; init; }

    /// <summary>The state that a sequence begins with.</summary>
    public InitialState InitialState { get; init; }

    /// <summary>A model file to train on from; null: new weights.</summary>
    public string? From { get; init; }

    /// <summary>Passes over the training part at most; null: by the size of the data.</summary>
    public int? Epochs { get; init; }

    /// <summary>Epochs without a better validation score after which training stops; null: a third of the epochs, at least 10.</summary>
    public int? Patience { get; init; }

    /// <summary>Examples of a batch.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>The learning rate.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>How the learning rate changes.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Cosine;

    /// <summary>What the schedules step and plateau multiply the rate by, in (0, 1).</summary>
    public double LearningRateFactor { get; init; } = 0.1;

    /// <summary>Epochs without improvement before the schedule plateau lowers the rate; null: a tenth of the epochs, at least 2.</summary>
    public int? LearningRatePatience { get; init; }

    /// <summary>Epochs over which a cosine schedule first raises the rate from 0, at most a tenth of all.</summary>
    public double Warmup { get; init; }

    /// <summary>What takes the steps.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Adam;

    /// <summary>μ of sgd and rmsprop, in [0, 1); 0: none.</summary>
    public double Momentum { get; init; }

    /// <summary>Whether sgd looks ahead by one step of its momentum.</summary>
    public bool Nesterov { get; init; }

    /// <summary>λ of the optimizer, decoupled from the gradient with adamw; null: the optimizer's default.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>Which weights are validated and kept.</summary>
    public WeightAveraging Average { get; init; }

    /// <summary>What a moving average of weights keeps of itself at each step, in [0, 1).</summary>
    public double AverageDecay { get; init; } = 0.999;

    /// <summary>How many epochs' last weights are averaged.</summary>
    public int AverageEpochs { get; init; } = 5;

    /// <summary>Epochs without improvement before averaging of all steps begins.</summary>
    public int AverageWait { get; init; } = 3;

    /// <summary>The limit of the gradients; 0: none.</summary>
    public double Clip { get; init; } = 1;

    /// <summary>What <see cref="Clip"/> limits.</summary>
    public ClipBy ClipBy { get; init; } = ClipBy.GlobalNorm;

    /// <summary>What happens after a loss or a gradient that is not finite.</summary>
    public NonFinitePolicy NonFinite { get; init; }

    /// <summary>
    /// S: to how many shards every batch is dealt, so that any number of ranks up to S trains to the same bits; a power of two
    /// (<see cref="TrainerOptions.Shards"/>).
    /// </summary>
    public int Shards { get; init; } = 1;

    /// <summary>The seed of every random draw.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// The seed of what training draws: first weights, shuffles, dropout; null: <see cref="Seed"/>, which alone deals the data out to the parts.
    /// </summary>
    public ulong? TrainingSeed { get; init; }

    /// <summary>
    /// How many networks are trained, one of each training seed from <see cref="LearningSeed"/> on; the model's answer is their mean.
    /// </summary>
    public int Members { get; init; } = 1;

    /// <summary>
    /// The training seeds of the members, separated by commas, where a model was combined from several; null: they follow each other.
    /// </summary>
    public string? MemberSeeds { get; init; }

    /// <summary>Of a model with several members, which one is trained on, from 1.</summary>
    public int FromMember { get; init; } = 1;

    /// <summary>What first weights, shuffles and dropout are drawn from.</summary>
    public ulong LearningSeed => TrainingSeed ?? Seed;
}
