using System.Text.Json.Serialization;
using DataSsl.Runtime.Training.Heads;
using DataSsl.Runtime.Views;

namespace DataSsl.Runtime.Training.Objectives;

/// <summary>The settings of one objective. Its type says which.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(MoCoOptions), MoCoOptions.Id)]
[JsonDerivedType(typeof(SimClrOptions), SimClrOptions.Id)]
[JsonDerivedType(typeof(ByolOptions), ByolOptions.Id)]
[JsonDerivedType(typeof(ReSslOptions), ReSslOptions.Id)]
[JsonDerivedType(typeof(DenseClOptions), DenseClOptions.Id)]
[JsonDerivedType(typeof(SwavOptions), SwavOptions.Id)]
[JsonDerivedType(typeof(DinoOptions), DinoOptions.Id)]
[JsonDerivedType(typeof(DistillOptions), DistillOptions.Id)]
public abstract record ObjectiveOptions
{
    /// <param name="name">See <see cref="Name"/>.</param>
    /// <param name="hasTeacher">See <see cref="HasTeacher"/>.</param>
    /// <param name="joinsViews">See <see cref="JoinsViews"/>.</param>
    protected ObjectiveOptions(string name, bool hasTeacher = true, bool joinsViews = true) => (Name, HasTeacher, JoinsViews) = (name, hasTeacher, joinsViews);

    /// <summary>The objective's name on the command line and in files.</summary>
    [JsonIgnore]
    public string Name { get; }

    /// <summary>Whether there is a momentum encoder.</summary>
    [JsonIgnore]
    public bool HasTeacher { get; }

    /// <summary>Whether views of equal size go through a network together, and so share their batch statistics, as in the method's own code.</summary>
    [JsonIgnore]
    public bool JoinsViews { get; }

    /// <summary>Whether the loss sets the images of the batch against each other, so that they are one group of BatchNorm statistics, over all processes too.</summary>
    [JsonIgnore]
    public virtual bool IsOverBatch => false;

    /// <summary>Whether a network that is not trained says what the students shall say, see <see cref="TrainOptions.Teacher"/>.</summary>
    [JsonIgnore]
    public virtual bool HasForeignTeacher => false;

    /// <summary>What hangs on student and teacher.</summary>
    public abstract HeadShapes Heads();

    /// <summary>The views of the method's paper at a size in pixels; the sides of local crops are whole multiples of <paramref name="multiple"/>, such as a transformer's patch.</summary>
    public abstract ViewPlan Plan(int size, int multiple = ViewPlan.DefaultMultiple);

    /// <summary>m of a step: teacher = m * teacher + (1 - m) * student.</summary>
    public virtual double TeacherMomentumAt(RunPosition at) => throw new NotSupportedException($"{Name} has no teacher");

    /// <summary>How many steps at the beginning leave the prototypes alone.</summary>
    public virtual long FrozenSteps(int stepsPerEpoch) => 0;

    /// <summary>The first problem as <c>option value: mend</c>, named as on the command line; null for sound settings.</summary>
    public abstract string? FirstProblem(int batch);

    /// <summary>Makes what computes the loss.</summary>
    internal abstract Objective Create(ObjectiveSite site);
}
