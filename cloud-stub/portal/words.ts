import type { PortalLanguage } from './settings.ts';

/** What the page itself says, beside the customer's own texts. */
export interface Words {
  name: string;
  email: string;
  company: string;
  phone: string;
  optional: string;
  notice: string;
  terms: string;
  accept: string;
  decline: string;
  language: string;
  online: string;
  onlineUntil: string;
  continue: string;
  extend: string;
  signOut: string;
  declined: string;
  declinedMore: string;
  back: string;
  yourData: string;
  yourDataMore: string;
  erase: string;
  erased: string;
  erasedMore: string;
  problems: string;
  missing: string;
  notEmail: string;
  tooLong: string;
  stale: string;
  tooMany: string;
  again: string;
  full: string;
  notHere: string;
  notHereMore: string;
  consented: string;
}

export const WORDS: Readonly<Record<PortalLanguage, Words>> = {
  en: {
    name: 'Name',
    email: 'E-mail address',
    company: 'Company',
    phone: 'Phone number',
    optional: 'optional',
    notice: 'What this network keeps',
    terms: 'Terms of use',
    accept: 'Accept and connect',
    decline: 'Decline',
    language: 'Language',
    online: 'You are connected',
    onlineUntil: 'Until {time}.',
    continue: 'Done',
    extend: 'Stay longer',
    signOut: 'Disconnect',
    declined: 'You declined',
    declinedMore: 'You have no access to this network, and nothing about you was kept.',
    back: 'Back to the notice',
    yourData: 'What is kept about you',
    yourDataMore: 'You may have it deleted at any time. That also ends your access.',
    erase: 'Delete my data',
    erased: 'Deleted',
    erasedMore: 'What was kept about you and this device is gone: {records} records, {messages} messages.',
    problems: 'Please check the form',
    missing: '{field} is needed',
    notEmail: '{field} is not an e-mail address',
    tooLong: '{field} is too long',
    stale: 'The form was too old; please send it again',
    tooMany: 'This device had all its sessions for today.',
    again: 'You can connect again at {time}.',
    full: 'The network has as many guests as it takes. Please try again later.',
    notHere: 'No portal here',
    notHereMore: 'Connect to the guest Wi-Fi first, then open this page again.',
    consented: 'Consent given',
  },
  de: {
    name: 'Name',
    email: 'E-Mail-Adresse',
    company: 'Firma',
    phone: 'Telefonnummer',
    optional: 'freiwillig',
    notice: 'Was dieses Netz speichert',
    terms: 'Nutzungsbedingungen',
    accept: 'Zustimmen und verbinden',
    decline: 'Ablehnen',
    language: 'Sprache',
    online: 'Sie sind verbunden',
    onlineUntil: 'Bis {time}.',
    continue: 'Fertig',
    extend: 'Länger bleiben',
    signOut: 'Verbindung trennen',
    declined: 'Sie haben abgelehnt',
    declinedMore: 'Sie haben keinen Zugang zu diesem Netz; über Sie wurde nichts gespeichert.',
    back: 'Zurück zum Hinweis',
    yourData: 'Was über Sie gespeichert ist',
    yourDataMore: 'Sie können es jederzeit löschen lassen. Damit endet auch Ihr Zugang.',
    erase: 'Meine Daten löschen',
    erased: 'Gelöscht',
    erasedMore:
      'Was über Sie und dieses Gerät gespeichert war, ist weg: {records} Einträge, {messages} Meldungen.',
    problems: 'Bitte prüfen Sie das Formular',
    missing: '{field} wird benötigt',
    notEmail: '{field} ist keine E-Mail-Adresse',
    tooLong: '{field} ist zu lang',
    stale: 'Das Formular war zu alt; bitte senden Sie es noch einmal',
    tooMany: 'Dieses Gerät hatte heute schon alle Sitzungen.',
    again: 'Sie können sich um {time} wieder verbinden.',
    full: 'Das Netz hat so viele Gäste, wie es fasst. Bitte versuchen Sie es später wieder.',
    notHere: 'Hier ist kein Portal',
    notHereMore: 'Verbinden Sie sich zuerst mit dem Gäste-WLAN und öffnen Sie dann diese Seite wieder.',
    consented: 'Zustimmung erteilt',
  },
  fr: {
    name: 'Nom',
    email: 'Adresse e-mail',
    company: 'Société',
    phone: 'Numéro de téléphone',
    optional: 'facultatif',
    notice: 'Ce que ce réseau conserve',
    terms: 'Conditions d’utilisation',
    accept: 'Accepter et se connecter',
    decline: 'Refuser',
    language: 'Langue',
    online: 'Vous êtes connecté',
    onlineUntil: 'Jusqu’à {time}.',
    continue: 'Terminé',
    extend: 'Rester plus longtemps',
    signOut: 'Se déconnecter',
    declined: 'Vous avez refusé',
    declinedMore: 'Vous n’avez pas accès à ce réseau, et rien n’a été conservé à votre sujet.',
    back: 'Retour à la notice',
    yourData: 'Ce qui est conservé à votre sujet',
    yourDataMore: 'Vous pouvez le faire supprimer à tout moment. Votre accès prend alors fin.',
    erase: 'Supprimer mes données',
    erased: 'Supprimé',
    erasedMore:
      'Ce qui était conservé sur vous et cet appareil a disparu : {records} fiches, {messages} messages.',
    problems: 'Veuillez vérifier le formulaire',
    missing: '{field} : champ obligatoire',
    notEmail: '{field} : ce n’est pas une adresse e-mail',
    tooLong: '{field} : trop long',
    stale: 'Le formulaire était trop ancien ; veuillez le renvoyer',
    tooMany: 'Cet appareil a épuisé ses sessions du jour.',
    again: 'Vous pourrez vous reconnecter à {time}.',
    full: 'Le réseau est complet. Veuillez réessayer plus tard.',
    notHere: 'Aucun portail ici',
    notHereMore: 'Connectez-vous d’abord au Wi-Fi invité, puis rouvrez cette page.',
    consented: 'Consentement donné',
  },
  es: {
    name: 'Nombre',
    email: 'Correo electrónico',
    company: 'Empresa',
    phone: 'Teléfono',
    optional: 'opcional',
    notice: 'Qué guarda esta red',
    terms: 'Condiciones de uso',
    accept: 'Aceptar y conectar',
    decline: 'Rechazar',
    language: 'Idioma',
    online: 'Está conectado',
    onlineUntil: 'Hasta las {time}.',
    continue: 'Listo',
    extend: 'Quedarse más tiempo',
    signOut: 'Desconectar',
    declined: 'Ha rechazado',
    declinedMore: 'No tiene acceso a esta red y no se ha guardado nada sobre usted.',
    back: 'Volver al aviso',
    yourData: 'Qué se guarda sobre usted',
    yourDataMore: 'Puede hacerlo borrar en cualquier momento. Con ello termina su acceso.',
    erase: 'Borrar mis datos',
    erased: 'Borrado',
    erasedMore:
      'Lo guardado sobre usted y este dispositivo ya no existe: {records} registros, {messages} mensajes.',
    problems: 'Revise el formulario',
    missing: '{field}: es obligatorio',
    notEmail: '{field}: no es un correo electrónico',
    tooLong: '{field}: demasiado largo',
    stale: 'El formulario era demasiado antiguo; envíelo de nuevo',
    tooMany: 'Este dispositivo ya ha tenido todas sus sesiones de hoy.',
    again: 'Podrá conectarse de nuevo a las {time}.',
    full: 'La red está completa. Inténtelo más tarde.',
    notHere: 'Aquí no hay portal',
    notHereMore: 'Conéctese primero a la Wi-Fi de invitados y abra de nuevo esta página.',
    consented: 'Consentimiento dado',
  },
};

export const filled = (text: string, values: Record<string, string | number>): string =>
  text.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
