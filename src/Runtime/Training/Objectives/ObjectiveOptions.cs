using System.Text.Json.Serialization;
using DataSsl.Runtime.Optimizers;
using DataSsl.Runtime.Training.Heads;
using DataSsl.Runtime.Views;

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>The settings of one objective. Its type says which: see <see cref="ObjectiveKind"/>.</summary>
public abstract record ObjectiveOptions
{
    /// <param name="name">See <see cref="Name"/>.</param>
    /// <param name="hasTeacher">See <see cref="HasTeacher"/>.</param>
    /// <param name="joinsViews">See <see cref="JoinsViews"/>.</param>
    /// <param name="tellsByStatistics">See <see cref="TellsByStatistics"/>.</param>
    protected ObjectiveOptions(string name, bool hasTeacher = true, bool joinsViews = true, bool tellsByStatistics = false) =>
        (Name, HasTeacher, JoinsViews, TellsByStatistics) = (name, hasTeacher, joinsViews, tellsByStatistics);

    /// <summary>The objective's name on the command line and in files.</summary>
    [JsonIgnore]
    public string Name { get; }

    /// <summary>What is known of objectives of this type.</summary>
    [JsonIgnore]
    public ObjectiveKind Kind =>
        ObjectiveKind.All.FirstOrDefault(kind => kind.Options == GetType())
            ?? throw new InvalidOperationException($"{GetType()}: no assembly says [assembly: Objective<{GetType().Name}>]");

    /// <summary>Whether there is a momentum encoder.</summary>
    [JsonIgnore]
    public bool HasTeacher { get; }

    /// <summary>
    /// Whether views of equal size go through a network together, and so share their batch statistics, as in the method's own code.
    /// </summary>
    [JsonIgnore]
    public bool JoinsViews { get; }

    /// <summary>
    /// Whether the loss sets the images of the batch against each other, so that they are one group of BatchNorm statistics, over all
    /// processes too.
    /// </summary>
    [JsonIgnore]
    public virtual bool IsOverBatch => false;

    /// <summary>
    /// Whether a query could recognise its key by BatchNorm statistics that they share, so that the batch is cut into groups with their own
    /// (MoCo's shuffling).
    /// </summary>
    [JsonIgnore]
    public bool TellsByStatistics { get; }

    /// <summary>Whether a network that is not trained says what the students shall say, see <see cref="TrainOptions.Teacher"/>.</summary>
    [JsonIgnore]
    public virtual bool HasForeignTeacher => false;

    /// <summary>What hangs on student and teacher.</summary>
    public abstract HeadShapes Heads();

    /// <summary>
    /// The views of the method's paper at a size in pixels; the sides of local crops are whole multiples of <paramref name="multiple"/>,
    /// such as a transformer's patch.
    /// </summary>
    public abstract ViewPlan Plan(int size, int multiple = ViewPlan.DefaultMultiple);

    /// <summary>m of a step: teacher = m * teacher + (1 - m) * student.</summary>
    public virtual double TeacherMomentumAt(RunPosition at) => throw new NotSupportedException($"{Name} has no teacher");

    /// <summary>How many steps at the beginning leave the prototypes alone.</summary>
    public virtual long FrozenSteps(int stepsPerEpoch) => 0;

    /// <summary>What can be asked for of these settings, and what they have.</summary>
    public virtual IReadOnlyList<(Knob Knob, IFormattable Value)> Values() => Kind.Values(this);

    /// <summary>The first problem as <c>option value: mend</c>, named as on the command line; null for sound settings.</summary>
    public virtual string? FirstProblem(int batch) => Kind.FirstProblem(this);

    /// <summary>Makes what computes the loss.</summary>
    public abstract Objective Create(ObjectiveSite site);
}
