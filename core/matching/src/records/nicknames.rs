//! Short and other forms of given names, each with one form that stands for all.

/// A name and its other forms, per line. A form in several lines stands with the first.
const FORMS: &str = "\
abigail abby abbie gail
abraham abe bram
adelaide addie ada
agnes aggie nessie
albert al bert bertie
alexander alex alec alick sandy sasha xander aleksandr alejandro alexandre aliaksandr
alfred alf alfie fred
alice allie ali
amanda mandy
andrew andy drew andre andreas
ann anne anna annie nan nancy nanny hannah
annabel annabelle anabella annabella
anthony tony anton antonio ant
archibald archie archy
arthur art artie
augustus gus august
barbara barb babs barbie
bartholomew bart
beatrice bea trixie beatrix
benjamin ben benny benji
bernard bernie
bridget biddy bridie
caroline carrie carolyn lina
catherine cathy kate kathy katherine kathryn kitty katie kit catharine cath kathleen
charles charlie chuck chas charley carlos karl carl
charlotte lottie charley
christian chris
christina chrissie tina christine
christopher kit topher
clarence clare
clement clem
constance connie
cornelius con neil
cynthia cindy
daniel dan danny
david dave davy davey
deborah deb debbie debora
dominic dom nick
donald don donnie
dorothy dot dottie dolly dora
douglas doug
edgar ed
edith edie
edmund ned
edward ed eddie ned ted teddy eduard eddy
eleanor ellie nell nora elinor ella ellen nellie
elizabeth liz beth betty eliza bess bessie lizzie libby elsie lisa elisabeth betsy liza lizbeth
emily em emmie emilie
emma emmie
eric rick erik
ernest ernie
esther essie hetty
eugene gene
evelyn evie eve
ezekiel zeke
florence flo flossie
frances fran fanny francesca
francis frank francois francisco
franklin frank
frederick fred freddie freddy fritz frederic friedrich
gabriel gabe
geoffrey jeff geoff jeffrey jeffery
george georgie geo georg jorge georgia
gerald gerry jerry gerard jerald
gertrude gertie trudy
gilbert gil bert
gregory greg
gustav gus
harold harry hal
harriet hattie harriett
helen nell nellie ellen helena
henry harry hal hank henri heinrich hen
herbert herb bert
hezekiah hez
horace horry
howard howie
hubert hugh bert
hugh huey hughie hughes huw
ignatius iggy
isaac ike zac
isabel bella belle isabella isobel izzy
jacob jake jack
james jim jimmy jamie jem jas diego
jane janie jenny jean
janet jan
jason jay
jennifer jen jenny jenna
jeremiah jerry jem
jessica jess jessie
joan joanna joanie
john jack johnny jon johann juan giovanni jean ian sean ivan hans
jonathan jon jonny
joseph joe joey jos jose josef giuseppe
josephine jo josie
joshua josh
judith judy
julian jule jules
katrina trina
kenneth ken kenny
lancelot lance
laurence larry lawrence lars laurie lorenzo
leonard len lenny leo
leopold leo
leslie les
lewis lew louis lou luis luigi
lillian lily lil lilian
louisa lou louise
lucas luke luca
lucy lucia lu
madeline maddie madeleine
magdalena magda lena
margaret maggie meg peg peggy peggie margie daisy greta rita marge may madge \
margareta gretta margery
maria mary marie mamie molly polly may mia
marian marion
mark marc marcus
martha mattie patty
martin marty
mathilda tilly matilda mattie maud
matthew matt matty mathew
maurice morris morrie mo moritz
maximilian max
melissa missy mel
michael mike mick micky mickey mitch miguel michel mikhail
mohammed mohammad muhammad mohamed muhammed mhd mohd
mildred millie milly
montague monty
nancy nan
nathaniel nat nathan nate
nicholas nick nicky nicolas klaus
norman norm
oliver ollie olly
oswald oz ozzy
pamela pam
patricia pat patty trish tricia
patrick pat paddy
percival percy
peter pete pierre pedro
philip phil phillip pip felipe
priscilla cilla prissy
rachel rae
ralph rafe
randolph randy
raymond ray
rebecca becky becca
reginald reg reggie rex
richard dick rick rich ricky richie dickie ricardo
robert bob bobby rob robbie bert robin rab roberto robt
roderick rod roddy
roger rodge hodge
roland rollo rowland
ronald ron ronnie
rosemary rose rosie
rudolph rudy rolf
rupert bert
samantha sam
samuel sam sammy
sarah sally sadie sara sahra zara
sebastian seb
sidney sid sydney
simon si
solomon sol
sophia sophie
stanley stan
stephen steve steven stevie steffen stefan
susan sue susie susanna susannah suzy sukey suzanne
sylvester sly
sylvia sylvie
terence terry
thaddeus tad
theodore ted theo teddy
theresa terry tess tessa
thomas tom tommy thos tomas
timothy tim timmy
tobias toby
valentine val
victor vic
victoria vicky tori
vincent vince vinny
virginia ginny
walter wat walt wally
wilfred wilf fred
wilhelmina minnie mina
william bill will billy willie liam wm guillaume wilhelm guillermo bil wills
winifred winnie freda
zachary zach zack";

/// The place of the line that each form is on.
pub struct Nicknames(Vec<(&'static str, u16)>);

impl Nicknames {
    /// Reads the list.
    pub fn new() -> Self {
        let lines = (1u16..).zip(FORMS.lines());
        let forms = lines.flat_map(|(line, forms)| forms.split(' ').map(move |form| (form, line)));
        let mut forms: Vec<(&str, u16)> = forms.collect();
        forms.sort_unstable();
        Nicknames(forms)
    }

    /// The lines a name is on: at most four, 0 where there is none.
    pub fn lines(&self, name: &str) -> [u16; 4] {
        let from = self.0.partition_point(|(form, _)| *form < name);
        let mut lines = [0; 4];
        let found = self.0[from..].iter().take_while(|(form, _)| *form == name);
        for (place, (_, line)) in lines.iter_mut().zip(found) {
            *place = *line;
        }
        lines
    }
}
