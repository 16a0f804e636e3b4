using DataSsl.Runtime.Optimizers;

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>
/// The settings of each objective's paper or released code, brought to the size of a run: fewer channels, images and epochs than ImageNet
/// and ResNet50 have.
/// </summary>
/// <param name="Batch">Images a step.</param>
/// <param name="Epochs">Of the run.</param>
/// <param name="Images">In an epoch.</param>
/// <param name="Channels">Of the embedding; ResNet50's has 2,048.</param>
/// <param name="IsTransformer">Whether the network is one: DINO trains them with AdamW and without BatchNorm.</param>
/// <param name="Teacher">Length of a foreign teacher's embedding; null where there is none.</param>
/// <param name="IsFromGiven">Whether it starts from given weights in the place of random ones.</param>
public sealed record ObjectiveDefaults(
    int Batch, int Epochs, int Images, int Channels, bool IsTransformer, int? Teacher = null, bool IsFromGiven = false)
{
    /// <summary>The settings of an objective at this size.</summary>
    /// <exception cref="UserException">No objective has the name.</exception>
    public ObjectiveOptions Objective(string name) => ObjectiveKind.Named(name).For(this);

    /// <inheritdoc cref="ObjectiveKind.OptimizerFor"/>
    public (OptimizerOptions Optimizer, double Rate, double FinalRate, double WarmupEpochs) Optimizer(ObjectiveOptions objective) =>
        objective.Kind.OptimizerFor(objective, this);

    /// <summary>Rates are the papers' for 256 images a step, in proportion to the batch.</summary>
    public double Linear => Batch / 256.0;

    /// <summary>
    /// A rate for 256 images a step, at the batch and for the length of this run. Short runs with a momentum encoder learn more at up to
    /// eight times the paper's rate (swav, which has none, does not): up to 0.8 million images seen, less and less up to 51.2 million, and
    /// from there on, a fifth of the papers' 200 epochs of ImageNet, the paper's own. More than twice the rate for 256 images is too much,
    /// at any batch: what exceeds it is the paper's. Chosen on validation images of one set at 80,000 images seen, of 1, 2, 4, 8 and 16
    /// times (docs/results.md, "The rate of short runs"); between the ends it is drawn through. From given weights, and under a foreign
    /// teacher, more than four times was not tried and is not taken.
    /// </summary>
    public double Short(double rate) => rate * Math.Min(Shortness * Linear, Math.Max(2, Linear));

    /// <summary>How many times the paper's rate, before its limit: 1 from 51.2 million images seen on.</summary>
    public double Shortness => Math.Clamp(Math.Sqrt(51.2e6 / ((double)Epochs * Images)), 1, Teacher is null && !IsFromGiven ? 8 : 4);

    /// <summary>A momentum encoder that averages over a fifth of a short run, and over the paper's thousand steps from 5,000 on.</summary>
    public double Momentum(double paper) => Math.Clamp(1 - (5.0 / Math.Max(1, (long)Epochs * (Images / Math.Max(1, Batch)))), 0.99, paper);

    /// <summary>At most a tenth of the run.</summary>
    public double Warmup(double epochs) => Math.Min(epochs, Epochs / 10.0);

    /// <summary>Hidden units in proportion to the embedding.</summary>
    public int Heads(int paper) => Math.Max(1, (int)Math.Min(paper, (long)paper * Channels / 2048));

    /// <summary>At most a quarter of the images: a longer one would hold an image's own earlier keys.</summary>
    public int Queue(int paper) => Math.Max(1, Math.Min(paper, Images / 4) / Batch) * Batch;

    /// <summary>One for 16 images or more.</summary>
    public int Prototypes(int paper) => Math.Min(paper, Math.Max(64, Images / 16));
}
